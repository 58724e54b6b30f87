"""The gallery: every component on one page, with the lines that make it."""
