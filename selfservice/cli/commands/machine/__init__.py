"""Commands about this machine: what it has, what its shell completes, and the portal that it serves."""
