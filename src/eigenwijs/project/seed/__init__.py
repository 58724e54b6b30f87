"""The demonstration's fictional year: invented people, organisations, courses, payrolls and bank.

Everything goes through the operations that real users call, in the order of a calendar; nothing is
written into tables directly.
"""
