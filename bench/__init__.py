"""Benchmarks: what players wait for, measured on a whole stack of its own."""
