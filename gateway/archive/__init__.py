"""Quiz archives: a ZIP of `quiz.json` and the quiz's pictures and sounds in `media/`."""
