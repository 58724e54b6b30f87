"""What happens without anybody asking: reactions to events, routines by the clock, mails.

A lower room announces an event in its own transaction; `reactions.py` says which operations of upper rooms
follow. The job queue only wakes a worker: what must still happen is read from the trail, so a lost job, a
killed worker or a restored dump loses nothing.
"""
