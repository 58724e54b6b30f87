"""Rules as data: the clauses by which money is due, read from files, kept as rows, run exactly.

A *scheme* is one agreement's rules as typed blocks in YAML. A *version* of it is the text as it
was loaded, known by the sha256 of that text; nothing of it ever changes. The *law in force* on a
day is the version that was activated last to start on or before that day.

Promises: the same text that was checked and signed is the text that runs; amounts are exact and
rounded only where the text says so; every amount carries the steps that led to it, each with its
article; a figure that nobody published is marked as inferred and cannot take effect outside a
demonstration.

Callers: contributions (what is due), budgets (what money may be spent on), web. The room knows
persons only as a handful of facts.
"""
