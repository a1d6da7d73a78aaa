"""Rows of spreadsheets that somebody uploads: CSV and XLSX, within bounds."""
