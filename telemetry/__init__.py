"""What every process switches on at start: settings, logging, metrics, error reports."""
