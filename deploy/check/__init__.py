"""``quizrun check``: connects to every server and says what it found."""
