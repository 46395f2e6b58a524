"""CodeArtifact: the API of domains and repositories, and the package index that repositories serve."""
