"""The resource types of each account kind's stacks. Deployer permissions are derived from this list alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from components.identity.deployer.calls import Calls, ResourceCalls, without_deletion
from components.identity.deployer.resources.accounts import (
    ACCOUNT_SETUP,
    BUCKET_EVENTS,
    BUCKETS,
    KEYS,
    REPLICATIONS,
    ROLES,
    STUDIO,
    TRUSTED_TOKENS,
)
from components.identity.deployer.resources.apis import DATA_APIS
from components.identity.deployer.resources.audit import (
    ALARMS,
    DASHBOARDS,
    DETECTORS,
    LINKS,
    LOG_GROUPS,
    METRIC_ALARMS,
    RECORDS,
    SINKS,
    TOPICS,
    TRAIL_QUERIES,
)
from components.identity.deployer.resources.clusters import CLUSTERS
from components.identity.deployer.resources.databases import POSTGRES, SERVERLESS
from components.identity.deployer.resources.delivery import DELIVERY, REQUESTS
from components.identity.deployer.resources.etl import ETL
from components.identity.deployer.resources.intake import EVENT_BUSES, GLUE_STEPS, INTAKES, TABLES
from components.identity.deployer.resources.lake import FEATURES, LAKE, LAKE_READERS
from components.identity.deployer.resources.networks import (
    CALLING_SHARED_ENDPOINTS,
    DNS_RULES,
    INTERNET_EGRESS,
    ORGANIZATION_SHARES,
    PRIVATE_LINK,
    PRIVATE_NETWORK,
    SHARED_ENDPOINTS,
    WORKLOADS_IN_NETWORKS,
)
from components.identity.deployer.resources.spark import SPARK
from settings.types.kinds import Kind

_DURABLE: tuple[ResourceCalls, ...] = (without_deletion(ACCOUNT_SETUP), ROLES)
"""Resources of accounts that are never decommissioned: account settings and the recorder are not deleted."""
_WITH_NETWORK: tuple[ResourceCalls, ...] = (
    *_DURABLE,
    without_deletion(KEYS),
    PRIVATE_NETWORK,
    CALLING_SHARED_ENDPOINTS,
)
_EPHEMERAL: tuple[ResourceCalls, ...] = (
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

CALLS_BY_KIND: Mapping[Kind, tuple[ResourceCalls, ...]] = MappingProxyType(
    {
        "audit": (
            *_DURABLE,
            without_deletion(KEYS),
            without_deletion(BUCKETS),
            without_deletion(RECORDS),
            without_deletion(DETECTORS),
            ALARMS,
            TRAIL_QUERIES,
        ),
        "network": (*_DURABLE, PRIVATE_NETWORK, DNS_RULES, ORGANIZATION_SHARES, SHARED_ENDPOINTS),
        "data-lake": (
            *_WITH_NETWORK,
            without_deletion(BUCKETS),
            REPLICATIONS,
            LAKE,
            FEATURES,
            ETL,
            WORKLOADS_IN_NETWORKS,
        ),
        "tooling": (
            *_WITH_NETWORK,
            without_deletion(BUCKETS),
            WORKLOADS_IN_NETWORKS,
            DELIVERY,
            EVENT_BUSES,
            TOPICS,
            without_deletion(TABLES),
        ),
        "governance": (
            *_WITH_NETWORK,
            WORKLOADS_IN_NETWORKS,
            TRUSTED_TOKENS,
            without_deletion(LOG_GROUPS),
            without_deletion(TABLES),
            REQUESTS,
            SERVERLESS,
            DASHBOARDS,
            SINKS,
        ),
        "experimentation": (*_EPHEMERAL, STUDIO, INTERNET_EGRESS),
        "development": (*_EPHEMERAL, STUDIO, GLUE_STEPS),
        "preproduction": (*_EPHEMERAL, TOPICS, BUCKET_EVENTS, METRIC_ALARMS, DASHBOARDS, LINKS),
        "production": (*_EPHEMERAL, TOPICS, BUCKET_EVENTS, METRIC_ALARMS, DASHBOARDS, LINKS),
    }
)
"""Resources by account kind. The management account is missing because it has no deployer."""


def calls_in(hosts: Iterable[Kind], *, cluster: bool = False) -> Iterator[tuple[str, Calls]]:
    """Yields the resource types, with their actions, of an account in which these kinds are placed.

    ``cluster`` adds those of the Kubernetes cluster, of the database beside it and of the endpoint service in front of
    it, if one of the kinds is tooling.
    """
    for kind in hosts:
        for resources in CALLS_BY_KIND.get(kind, ()):
            yield from resources.items()
        if cluster and kind == "tooling":
            for resources in (CLUSTERS, POSTGRES, PRIVATE_LINK):
                yield from resources.items()
