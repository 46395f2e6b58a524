"""The node of a cluster: its programs, its files, and the images that do not come from a registry."""
