"""Pages for the desk: bookings for which a person has to call, and the decision about the start."""
