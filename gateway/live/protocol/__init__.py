"""Messages of the socket protocol: definitions, encoding, and views of domain models."""
