"""The books: accounts, transfers between two of them, and holds. It knows nobody.

Words: an *account* has an opaque owner and a side; a *transfer* moves an amount from one account
to another and can't be unbalanced; a *hold* is a transfer that is still pending, with an end; it
is posted (in full or in part) or voided once; a *reversal* gives back what a named transfer moved;
transfers of one event share a *group*.

Promises: no account is ever overdrawn; the same key with the same content is recorded once, with
other content refused; a recorded row never changes; `queries.prove` recomputes all of it.

Any room above may call `operations` and `queries`. Nothing here is about persons.
"""
