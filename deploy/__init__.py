"""Running Quizrun: on one machine, in containers, in a cluster."""
