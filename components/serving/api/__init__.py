"""The private API of predictions: its callers, their API keys and usage plans."""
