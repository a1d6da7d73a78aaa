"""Compare the transport with other servers under the same load; see `bench.rivals.compare`."""
