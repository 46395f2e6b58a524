"""Roles of a use case: integration, start, pipeline, operator, batch, serving, monitoring.

Roles of promotions and releases are in `components.identity.releases`. Roles shared by all use cases of an environment
are in `components.identity.workloads`.
"""
