"""The roof: settings, addresses, wiring, the command line, the demo. Imported by nobody."""
