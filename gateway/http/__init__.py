"""The HTTP API: thin routes over the repositories, and their shared plumbing."""
