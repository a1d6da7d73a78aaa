"""Tests of the database and Redis stores, on real servers."""
