"""The state of one run on this gateway, and the registry of rooms."""
