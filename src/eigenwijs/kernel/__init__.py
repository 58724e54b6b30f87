"""The floor every room stands on: money, periods, ids, the clock's calendar, actors, errors, lifecycles.

No tables, no Django models, no reading of the clock. Every room may import it.
"""
