"""Conformance samples of the catalog entries in `catalog/machine_learning`."""
