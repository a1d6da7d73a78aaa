"""Check the deployment files: Dockerfile, compose file and Helm chart.

``python -m deploy.checks`` runs all checks (``make deploy-check``).
"""
