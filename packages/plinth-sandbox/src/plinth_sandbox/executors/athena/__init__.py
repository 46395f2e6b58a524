"""Runs an Athena query on Spark and writes its result to the workgroup's output location."""
