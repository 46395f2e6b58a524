"""SageMaker Studio: the domain, its users with their permissions, custom images, Canvas and experiment tracking."""
