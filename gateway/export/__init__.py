"""Results as files for spreadsheet applications."""
