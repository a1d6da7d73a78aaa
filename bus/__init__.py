"""Kafka: the event stream of runs, for gateways and for external consumers."""
