"""The governance account's own resources: the team catalog and of requests for them."""
