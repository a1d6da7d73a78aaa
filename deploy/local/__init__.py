"""The embedded local stack and the ``quizrun`` command."""
