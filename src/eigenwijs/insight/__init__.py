"""Looking across all rooms: the proof of the books, the trail and the way of a euro, under pseudonyms.

It owns no table and changes nothing but the trail. Its words are *proof* and *path*. It promises that
what it hands out holds no id, name or address of a person: people are `P-7F3K-92QX-M4TB`, for ever the
same. Auditors' pages and the command line call it; callers check the permission.
"""
