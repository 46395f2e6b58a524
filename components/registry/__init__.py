"""The model registry of use cases: model package groups, image repositories, and access to registered artifacts."""
