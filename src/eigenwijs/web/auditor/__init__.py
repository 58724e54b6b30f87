"""Pages for auditors: the proof of the books, the trail, and the way of each euro, under pseudonyms."""
