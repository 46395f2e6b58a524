"""The stacks of an environment's Studio: the domain and its users."""
