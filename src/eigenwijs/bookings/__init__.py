"""A course that a worker chose: asked for, confirmed, started, completed, paid.

Words: a *quote* says what a run costs and who pays what, before the yes; a *booking* is the worker's
yes; the *withdrawal term* is the time in which the worker may change their mind; the *start* is what
a provider is paid for; a *work item* is a booking for which a person has to call; a *payout* is what
goes to the provider.

Promises: nothing is reserved without the worker's own yes and a second proof; a booking keeps the
offer and the terms it was made on; silence is never a yes and never a no; what comes back goes to the
pots it came from; a payer learns nothing, and a provider neither a balance nor which pots paid.

The worker, the provider and the desk each reach only their own bookings; callers are web, api, jobs.
"""
