"""Readers of what rules check: jobs, pipelines, known types and actions that escalate privileges. They decide
nothing."""
