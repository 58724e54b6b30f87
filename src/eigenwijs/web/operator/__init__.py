"""The operator: which organisations take part, who acts for them, and letters to print."""
