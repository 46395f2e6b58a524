"""Questions about the organization's trail: which there are, and the answers of Athena."""
