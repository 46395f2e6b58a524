"""Steps from tagged cells of notebooks."""
