"""Event-driven integration between the data lake, use cases and pipelines: ingestion, Glue callback steps, Spark, event
buses and dead-letter queues."""
