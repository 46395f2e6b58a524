"""The resource types of each account kind's stacks. Deployer permissions are derived from this list alone."""

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
"""Resources of accounts that are never decommissioned: account settings and the recorder are not deleted."""
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
"""Resources of accounts that are removed with their team, which include everything."""

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
"""Resources by account kind. The management account is missing because it has no deployer."""


def calls_in(hosts: Iterable[Kind]) -> Iterator[tuple[str, Calls]]:
    """Yields the resource types, with their actions, of an account in which these kinds are placed."""
    for kind in hosts:
        for part in OF_KIND.get(kind, ()):
            yield from part.items()
