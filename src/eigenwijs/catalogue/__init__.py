"""What can be learnt: courses of training providers and the runs in which they start.

Words: a *course* is what a provider teaches; a *run* is one start of it, with a date, a place, a price
and seats. A *record* is what a provider says about a course or run; every version of it is kept.
An *offer* is the record of one run, frozen for a booking.

Promises: the same search gives the same result in the same order to everyone, and no payment, pot
or person plays a part in it; a version once written never changes; a run never has more seats
taken than it has; an import is taken whole or not at all, and importing again changes nothing.

Providers write their own courses and runs; everyone reads.
"""
