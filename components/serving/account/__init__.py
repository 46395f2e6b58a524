"""Settings of an account that all served use cases share."""
