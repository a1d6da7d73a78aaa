"""Operators' views of runs: for the admin page and the `quizrun runs` commands."""
