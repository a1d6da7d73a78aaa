"""The side effects of a run: open, score, rank, publish. Classes that get their clients."""
