"""Every rule of the pack, in the order of their ids. Plain data: importing it starts no engine."""

from __future__ import annotations

from itertools import chain

from policies.security.rule import Rule
from policies.security.rules import (
    apis,
    bucket_policies,
    compute,
    connections,
    detectors,
    endpoints,
    events,
    features,
    images,
    jobs,
    kms,
    lake,
    logs,
    models,
    monitoring,
    network,
    notebooks,
    organization,
    people,
    permissions,
    registry,
    rehearsals,
    roles,
    s3,
    sagemaker,
    serving,
    spark,
    state_machines,
    tables,
    tracking,
    watch,
    ways_out,
    whole_accounts,
    whole_endpoints,
    whole_identities,
    whole_networks,
    whole_shares,
    whole_stores,
)

PACK_NAME = "plinth-security"

MODULES = (
    sagemaker, notebooks, features, images, models, serving, monitoring, jobs, registry, tracking, s3, bucket_policies,
    kms, lake, roles, permissions, people, ways_out, network, endpoints, events, connections, compute, spark, logs,
    state_machines, tables, apis, organization, watch, detectors, rehearsals, whole_networks, whole_shares,
    whole_stores, whole_identities, whole_accounts, whole_endpoints,
)  # fmt: skip

RULES: tuple[Rule, ...] = tuple(
    sorted(chain.from_iterable(module.RULES for module in MODULES), key=lambda rule: rule.id)
)
