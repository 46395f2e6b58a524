"""Resources of every durable account that runs workloads. The stack ``tooling`` consists of nothing else."""
