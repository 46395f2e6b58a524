"""The stack of a use case: its repositories, builds, images and model package groups, and its roles in development."""
