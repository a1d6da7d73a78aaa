"""Pictures and sounds of questions: validation and caching."""
