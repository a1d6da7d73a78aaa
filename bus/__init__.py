"""Kafka: what happened in the runs, to the gateways now and to any consumer later."""
