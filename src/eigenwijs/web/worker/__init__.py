"""The worker's pages: what can I spend, what can I do with it, who can help me."""
