"""Messages to people: what happened, said in the reader's language when it is read or sent.

A *notice* is a kind, its parameters and a person; its words live in `kinds.py`. Everybody finds their notices
in the app; some kinds also go by e-mail, and by letter to whoever has no e-mail. Mail goes only to the address
with which the person signs in, not to one that an employer delivered; only what is about access to the file goes
to both. Any room above may tell.
"""
