"""Pictures and sounds of questions: what counts as one, and how thousands load it at once."""
