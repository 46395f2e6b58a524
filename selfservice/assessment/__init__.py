"""Assesses what is deployed against the phases of the foundation. Operations on stacks are in ``runner``."""
