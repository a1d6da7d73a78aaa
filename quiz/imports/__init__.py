"""Import of questions from text and tables into the native format."""
