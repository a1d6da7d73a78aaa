"""Run the servers of a production installation on this machine, from their releases."""
