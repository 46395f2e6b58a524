"""Settings models of a team: its environments, use cases, Studio, Spark and retention."""
