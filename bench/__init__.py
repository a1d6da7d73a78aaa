"""Benchmarks: the latencies that players experience, measured on whole stacks."""
