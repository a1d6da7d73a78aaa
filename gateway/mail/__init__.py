"""Mail to hosts: texts in four languages, a durable queue, and SMTP."""
