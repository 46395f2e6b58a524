"""Roles of a use case, each a class with its name, its trust policy and its permissions, which `use_case_role` creates.

Roles of promotions and releases are in `components.identity.releases`. Roles shared by all use cases of an environment
are in `components.identity.workloads`.
"""
