"""Rules about the data lake, events, APIs, Spark and state machines."""
