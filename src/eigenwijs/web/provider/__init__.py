"""Pages for training providers: their courses, the requests for them, attendance and payouts."""
