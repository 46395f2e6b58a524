"""Readers of what rules check: resources, policy documents, jobs, pipelines and the stack context. They decide
nothing."""
