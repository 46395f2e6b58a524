"""AWS RAM."""
