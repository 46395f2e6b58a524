"""Roles of a use case: integration, start, pipeline, operator, promotion, release, serving, function, monitoring.

Roles shared by all use cases of an environment are in `components.identity.workloads`.
"""
