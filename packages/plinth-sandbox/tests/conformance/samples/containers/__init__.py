"""Conformance samples of the catalog entries in `catalog/containers`."""
