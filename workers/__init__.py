"""Temporal worker processes, which execute workflows and activities."""
