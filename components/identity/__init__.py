"""Roles, permission sets and policies of people, workloads and deployers.

Guardrails of the organization are in `components.organization`.
"""
