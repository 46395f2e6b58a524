"""Number of instances of an endpoint: automatic scaling, and what a release keeps of it."""
