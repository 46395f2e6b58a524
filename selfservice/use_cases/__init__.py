"""Generates the build repository of a use case from a template and pushes its first commit."""
