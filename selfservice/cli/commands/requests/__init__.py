"""The commands of ``plinth requests``."""
