"""Runs a query of Athena on Spark, and writes its answer where the workgroup says."""
