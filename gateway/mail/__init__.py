"""Mail to hosts: translated templates, a durable queue, and SMTP delivery."""
