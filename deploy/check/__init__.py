"""``quizrun check``: connect to every server and report what it found."""
