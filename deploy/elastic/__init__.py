"""Logs in Elasticsearch and Kibana, as configuration (docs/logging.md)."""
