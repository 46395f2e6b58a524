"""The result of a build, as a comment on its commit."""
