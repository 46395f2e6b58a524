"""The stack ``tooling``: the account of code, builds and models, and what all use cases share there."""
