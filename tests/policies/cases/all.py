"""Every case of every rule."""

from __future__ import annotations

from tests.policies.case import Case, Prohibition, RelationCase
from tests.policies.cases import (
    bucket_policies,
    compute,
    connections,
    detectors,
    endpoints,
    kms,
    lake,
    logs,
    network,
    organization,
    people,
    permissions,
    rehearsals,
    roles,
    s3,
    sagemaker,
    watch,
    whole_accounts,
    whole_identities,
    whole_networks,
    whole_stores,
)

CASES: list[Case] = [
    *sagemaker.CASES,
    *s3.CASES,
    *bucket_policies.CASES,
    *kms.CASES,
    *lake.CASES,
    *roles.CASES,
    *permissions.CASES,
    *people.CASES,
    *network.CASES,
    *endpoints.CASES,
    *compute.CASES,
    *logs.CASES,
    *connections.CASES,
    *organization.CASES,
    *watch.CASES,
    *detectors.CASES,
    *whole_accounts.CASES,
    *whole_identities.CASES,
    *whole_networks.CASES,
    *whole_stores.CASES,
]

PROHIBITIONS: list[Prohibition] = [*network.PROHIBITIONS, *roles.PROHIBITIONS]

RELATIONS: list[RelationCase] = [
    *organization.RELATIONS,
    *people.RELATIONS,
    *s3.RELATIONS,
    *watch.RELATIONS,
    *rehearsals.RELATIONS,
    *detectors.RELATIONS,
    *whole_accounts.RELATIONS,
    *whole_identities.RELATIONS,
    *whole_networks.RELATIONS,
    *whole_stores.RELATIONS,
]
