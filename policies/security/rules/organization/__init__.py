"""Rules about accounts, tags, providers, budgets, guardrails, and production compared with pre-production."""
