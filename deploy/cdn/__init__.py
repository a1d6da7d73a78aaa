"""Static files for a CDN: published release by release, so that no deployment needs a purge."""
