"""What if: what proposals would cost and give, to whom, before anything is signed.

Promises: every measure says how it is defined and by whom, and refuses what it cannot measure
instead of answering with a number that means nothing.
"""
