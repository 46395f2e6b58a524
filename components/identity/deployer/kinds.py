"""What stacks consist of, by the kind of account: the only place that says so, and what a deployer's rights follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from components.identity.deployer.calls import Calls, Part, kept
from components.identity.deployer.resources.accounts import ACCOUNT_SETUP, BUCKETS, KEYS, ROLES, STUDIO
from components.identity.deployer.resources.apis import DATA_APIS
from components.identity.deployer.resources.audit import ALARMS, DETECTORS, JOURNAL, QUESTIONS, RECORDS
from components.identity.deployer.resources.etl import ETL
from components.identity.deployer.resources.intake import GLUE_STEPS, INTAKES
from components.identity.deployer.resources.lake import FEATURES, LAKE, LAKE_READERS
from components.identity.deployer.resources.networks import (
    CALLING_SHARED_ENDPOINTS,
    NAMES,
    PRIVATE_NETWORK,
    SHARED_ENDPOINTS,
    SHARING,
    WAY_OUT,
    WORKLOADS_IN_NETWORKS,
)
from components.identity.deployer.resources.spark import SPARK
from settings.types.kinds import Kind

_LASTING: tuple[Part, ...] = (kept(ACCOUNT_SETUP), ROLES)
"""Accounts that are never decommissioned: their switches and their recorder stay on."""
_WORKING: tuple[Part, ...] = (*_LASTING, kept(KEYS), PRIVATE_NETWORK, CALLING_SHARED_ENDPOINTS)
_PASSING: tuple[Part, ...] = (
    ACCOUNT_SETUP,
    ROLES,
    KEYS,
    BUCKETS,
    PRIVATE_NETWORK,
    CALLING_SHARED_ENDPOINTS,
    WORKLOADS_IN_NETWORKS,
    LAKE_READERS,
    INTAKES,
    SPARK,
    DATA_APIS,
)
"""Accounts that go with their team, and with them everything."""

OF_KIND: Mapping[Kind, tuple[Part, ...]] = MappingProxyType(
    {
        "audit": (*_LASTING, kept(KEYS), kept(BUCKETS), kept(RECORDS), kept(DETECTORS), ALARMS, QUESTIONS),
        "network": (*_LASTING, PRIVATE_NETWORK, NAMES, SHARING, SHARED_ENDPOINTS),
        "data-lake": (*_WORKING, kept(BUCKETS), LAKE, FEATURES, ETL, WORKLOADS_IN_NETWORKS),
        "tooling": _WORKING,
        "governance": (*_WORKING, kept(JOURNAL)),
        "experimentation": (*_PASSING, STUDIO, WAY_OUT),
        "development": (*_PASSING, STUDIO, GLUE_STEPS),
        "preproduction": _PASSING,
        "production": _PASSING,
    }
)
"""The management account has no deployer, so it is not here."""


def calls_in(hosts: Iterable[Kind]) -> Iterator[tuple[str, Calls]]:
    """Types of resources with their calls, in an account where these kinds land."""
    for kind in hosts:
        for part in OF_KIND.get(kind, ()):
            yield from part.items()
