"""Pictures of questions: what counts as one, and how thousands load it at the same time."""
