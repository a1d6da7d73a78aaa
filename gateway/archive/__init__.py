"""A quiz with its pictures and sounds as one file: a ZIP archive of `quiz.json` and `media/…`."""
