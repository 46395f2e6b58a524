"""Event-driven integration between the data lake, use cases and pipelines: intakes, Glue callback steps, Spark, event
buses and dead-letter queues."""
