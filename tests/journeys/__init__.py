"""A real browser walks through the pages, one role at a time."""
