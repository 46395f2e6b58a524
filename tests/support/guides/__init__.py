"""Reads the commands of the guides and runs them as a reader would. Which guide runs where is in ``tests/engine``."""
