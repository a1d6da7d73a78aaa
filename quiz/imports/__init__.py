"""Questions that somebody wrote as text or in a table, as a document in the native format."""
