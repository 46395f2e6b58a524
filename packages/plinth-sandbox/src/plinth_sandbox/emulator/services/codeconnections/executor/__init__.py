"""Connections to source providers, and the folder of git repositories that stands for a provider."""
