"""Unit tests of the command line. They start no engine."""
