"""Pulumi programs for AWS on one machine: the engine, a provider plugin and an emulated AWS. Nothing here knows the
program that runs on it."""
