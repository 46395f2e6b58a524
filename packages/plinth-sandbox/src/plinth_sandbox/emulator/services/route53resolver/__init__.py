"""Amazon Route 53 Resolver."""
