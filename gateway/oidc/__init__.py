"""Sign-in by OpenID Connect, as the relying party."""
