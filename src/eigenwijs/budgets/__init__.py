"""Learning accounts: the money that is a worker's own, in pots with conditions.

Words: a *pot* is a person, a payer and one set of conditions; a *credit* is money that arrived in
it, with the reason for its amount; a *lot* is money with one end; *available* can be spent now,
*reserved* is set aside for a booking, *expected* has been promised and is not in the books.

Promises: what is credited stays, but for a correction term that was shown on it; a condition is
the one that was frozen on the credit; an amount is reserved, spent and given back once per key;
money that ends goes to the receiver that its conditions name.

Rooms above call it with plain facts. Of a person's pots the person sees all and a payer nothing.
"""
