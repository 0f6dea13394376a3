"""E-mail by a mail server."""
