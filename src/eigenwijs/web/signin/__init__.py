"""Signing in, proving once more who you are, claiming a file, and choosing a role."""
