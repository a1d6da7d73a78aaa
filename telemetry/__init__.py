"""Settings, logging, metrics, tracing and error reports of all processes."""
