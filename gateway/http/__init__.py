"""The HTTP API: thin routes over the repositories, and what all of them share."""
