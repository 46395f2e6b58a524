"""Settings of container images: what builds start from, and which scan findings keep an image from production."""
