"""Resources of every durable account that runs workloads. The stacks of these accounts extend it."""
