"""Publish static files for a CDN, so that no deployment requires a purge."""
