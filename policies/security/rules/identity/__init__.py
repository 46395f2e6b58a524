"""Rules about roles, permissions and people."""
