"""Second factors of hosts: passkeys, authenticator apps, recovery codes."""
