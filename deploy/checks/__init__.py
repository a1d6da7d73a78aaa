"""Checks of what is deployed: the image's recipe, the compose file and the Helm chart.

``python -m deploy.checks`` runs all of them (``make deploy-check``).
"""
