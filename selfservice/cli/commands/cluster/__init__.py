"""The commands of ``plinth cluster``."""
