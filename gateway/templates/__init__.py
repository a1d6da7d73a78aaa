"""Quizzes that a host can begin with, in every language of the client."""
