"""IAM actions required per resource type, one module per area of the foundation. Nothing here creates resources."""
