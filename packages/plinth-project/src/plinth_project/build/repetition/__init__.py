"""Repetition of the training of an earlier build: the same code, data, image and parameters, and what differs."""
