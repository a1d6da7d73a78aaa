"""Results as files for spreadsheet programs."""
