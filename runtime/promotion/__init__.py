"""The commands of the promotion pipeline: prepare, verify, deploy and test. The pipeline itself is a component."""
