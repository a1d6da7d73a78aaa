"""Sign-in by OpenID Connect: the side of the relying party."""
