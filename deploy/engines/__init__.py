"""The servers of a production installation, run from their own releases on this machine."""
