"""Rules about code repositories, builds and image repositories."""
