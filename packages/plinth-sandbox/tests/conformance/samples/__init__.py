"""The conformance table, one module per module of the catalogue; each has a list `SAMPLES`."""
