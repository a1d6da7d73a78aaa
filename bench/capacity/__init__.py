"""What Quizrun needs at a given size: unit costs, a model, a simulation, and the bill."""
