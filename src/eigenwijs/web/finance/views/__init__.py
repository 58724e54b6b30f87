"""The views of finance's pages, one module a subject."""
