"""The stack of a dataset: its tables or objects, its ETL job and its drop points. Table grants are in teams' stacks."""
