"""Grafana dashboards as code (docs/grafana.md): `python -m deploy.grafana.generate` writes them."""
