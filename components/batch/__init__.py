"""Batch inference of registered models: the pipeline of a use case and what starts it. Endpoints are in ``serving``."""
