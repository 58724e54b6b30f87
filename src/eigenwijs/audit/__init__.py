"""The trail: who did what to which thing, when; and the events that upper rooms react to.

One append-only row for every write. A row holds ids, codes, counts, cents and field *names*, never a name,
an address or a text, so that erasing a person never has to touch it. A row with an event name is also an
event: announcing it is how a lower room tells an upper one, without knowing it.

Everyone above the kernel may call this room.
"""
