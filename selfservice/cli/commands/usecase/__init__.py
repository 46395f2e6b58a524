"""The commands of ``plinth usecase``."""
