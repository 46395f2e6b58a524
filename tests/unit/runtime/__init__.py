"""The programs that run inside the accounts."""
