"""Subcommands of ``plinth audit``."""
