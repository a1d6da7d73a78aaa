"""Temporal activities: the side effects of a run."""
