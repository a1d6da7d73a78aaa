"""Configuration for logs in Elasticsearch and Kibana (docs/logging.md)."""
