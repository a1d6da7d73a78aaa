"""What operators are shown of runs: for the admin page and the `quizrun runs` commands."""
