"""Catalog entries for accounts, organizations, budgets, monitoring and sharing."""
