"""What `manage simulate` writes: one page to read, the same figures as JSON and as CSV."""
