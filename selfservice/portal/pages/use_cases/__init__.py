"""The pages about use cases: the list, one use case with the decisions about it, and requests for new ones."""
