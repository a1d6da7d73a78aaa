"""The local stack and the ``quizrun`` command."""
