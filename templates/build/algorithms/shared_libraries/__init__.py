"""Libraries that every step can import. The command line of the repository is in ``project``."""
