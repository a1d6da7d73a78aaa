"""Temporal worker processes: what serves the workflows and the activities of runs."""
