"""Money in: an employer's payroll deliveries, what the schemes say is due, payment requests, credits.

Words: a *delivery* is one payroll file for one period; an *amount due* is what one scheme says for one
employment in that period, or what a later delivery changes in it; a *payment request* (nota) asks a
payer for a sum of them; *lowering* is an amount due below zero, *set off* against other amounts.

Promises: nothing is due that was not shown with its reason before the employer confirmed; the
requests of a delivery add up to its amounts due to the cent; the same file counts once; what was
credited stays the worker's, whatever a later delivery says, but where a scheme has a term of
correction. An employer sees what it delivered itself and never what becomes of the money.
"""
