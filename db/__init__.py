"""Persistence: PostgreSQL with one repository per aggregate, and Redis projections for speed."""
