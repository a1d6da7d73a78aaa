"""Quiz templates in every language of the client."""
