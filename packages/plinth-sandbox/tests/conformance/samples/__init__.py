"""The conformance table, one module per module of the provider catalog. Each module has a list `SAMPLES`."""
