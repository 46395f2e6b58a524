"""AWS Lake Formation."""
