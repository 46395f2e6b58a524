"""Functions of catalog entries for accounts, organizations, budgets, AWS Config and CloudWatch."""
