"""Players without people: for the demo, `quizrun play`, benchmarks and tests."""
