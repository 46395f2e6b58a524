"""Roles, permissions and permissions boundaries of an environment's workloads.

Roles of a single use case are in `components.identity.use_cases`.
"""
