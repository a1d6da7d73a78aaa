"""Commands for operators: look at runs, repair them, back up and restore, forget old ones."""
