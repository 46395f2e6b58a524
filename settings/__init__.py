"""Typed, validated configuration and nothing else."""
