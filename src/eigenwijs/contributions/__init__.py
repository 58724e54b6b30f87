"""Money in: an employer's payroll deliveries, what the schemes say is due, payment requests, credits.

Words: a *delivery* is one payroll file for one period; an *amount due* is what one scheme says for one
employment in that period, with its reason; a *payment request* (nota) asks a payer for a sum of them.
"""
