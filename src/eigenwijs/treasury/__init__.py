"""The bank: statements in, payment files out, and the proof that the clients' money is there.

Words: an *expected receipt* is a reference and an amount that somebody will pay; an *entry* is one
payment on a *statement*; a *payment order* pays a payee from what the books owe; a *batch* is the
file of orders that goes to the bank; a *payee account* is the IBAN on which a payee is paid.

Promises: no cent is lost or made between statement and books; nothing is placed by guessing;
importing again changes nothing; nobody pays alone, and nobody pays an IBAN that is new.

This room knows references only. Rooms above register receipts and orders, and react to
`receipt_matched`, `receipt_reversed`, `order_settled`, `order_rejected` and `order_returned`.
"""
