"""The commands of ``plinth team``."""
