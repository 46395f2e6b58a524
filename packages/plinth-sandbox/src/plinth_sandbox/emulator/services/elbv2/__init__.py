"""Elastic Load Balancing, in the version with target groups."""
