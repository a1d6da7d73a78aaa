"""Temporal workflows of quiz runs, and the contract with their callers and activities."""
