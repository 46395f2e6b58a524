"""The stack ``organization``: organizational units, durable accounts, guardrails and the shared budget."""
