"""Every rule of the pack, in the order of their ids. Plain data: importing it starts no engine."""

from __future__ import annotations

from itertools import chain

from policies.security.rule import Rule
from policies.security.rules.audit import detectors, logs
from policies.security.rules.audit import trails as watch
from policies.security.rules.data import apis, events, lake, spark, state_machines
from policies.security.rules.data import stack_shares as whole_shares
from policies.security.rules.identity import people, permissions, roles
from policies.security.rules.identity import stack_identities as whole_identities
from policies.security.rules.network import compute, connections, endpoints
from policies.security.rules.network import egress as ways_out
from policies.security.rules.network import networks as network
from policies.security.rules.network import stack_networks as whole_networks
from policies.security.rules.organization import accounts as organization
from policies.security.rules.organization import rehearsals
from policies.security.rules.organization import stack_accounts as whole_accounts
from policies.security.rules.sagemaker import (
    features,
    images,
    jobs,
    models,
    monitoring,
    notebooks,
    registry,
    serving,
    tracking,
)
from policies.security.rules.sagemaker import stack_endpoints as whole_endpoints
from policies.security.rules.sagemaker import studio as sagemaker
from policies.security.rules.storage import bucket_policies, tables
from policies.security.rules.storage import buckets as s3
from policies.security.rules.storage import keys as kms
from policies.security.rules.storage import stack_stores as whole_stores

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
