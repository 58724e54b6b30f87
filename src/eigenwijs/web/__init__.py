"""The way in for people with a browser: parse the form, one operation, redirect or show again."""
