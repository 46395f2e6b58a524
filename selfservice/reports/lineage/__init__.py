"""Lineage of models in both directions: from endpoints and versions to code and data, and from datasets to models."""
