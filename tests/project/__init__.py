"""The roof: the private PostgreSQL, the demo, a restore."""
