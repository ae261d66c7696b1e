"""Commands about models, against a hub of our own."""
