"""The commands of ``plinth catalog``."""
