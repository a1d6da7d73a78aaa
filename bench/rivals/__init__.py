"""The transport beside others, under the same load: see `bench.rivals.compare`."""
