"""The roles of a use case: integration, start, pipeline, operator, monitoring and release.

Roles shared by all use cases of an environment are in `components.identity.workloads`.
"""
