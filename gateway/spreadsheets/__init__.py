"""Read rows of uploaded spreadsheets (CSV and XLSX) within limits."""
