"""Finds resources in AWS, one module per area. Used only to recover resources whose creation was interrupted."""
