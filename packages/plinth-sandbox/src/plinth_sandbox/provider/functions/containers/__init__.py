"""Steps of services for containers."""
