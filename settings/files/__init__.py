"""Reads settings files, reports errors with file and line, and generates the reference from the models."""
