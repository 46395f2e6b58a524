"""Finds resources in AWS, one module per area: to recover interrupted creations, and to adopt what exists."""
