"""Helping a person in: find exactly one, print a letter, correct what a payroll has wrong."""
