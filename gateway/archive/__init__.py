"""A quiz with its pictures as one file: a ZIP archive of `quiz.json` and `media/…`."""
