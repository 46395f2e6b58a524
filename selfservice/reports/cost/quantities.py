"""The number of components with a fixed price that each stack creates, computed from the settings alone.

Running the stacks would need the engine. Instead, this module computes the quantities from the same settings and
endpoint sets, and a test compares them with the resources that every stack registers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

from settings.derived.endpoint_services import (
    EndpointService,
    NetworkKind,
    endpoint_services,
    endpoint_services_of,
    offered_in,
    own_endpoint_services,
    shared_endpoint_services,
)
from settings.derived.foundation import Foundation
from settings.derived.source_repositories import created_connection
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.organization.organization import Endpoints

Component = Literal[
    "interface-endpoint",
    "transit-gateway-attachment",
    "dns-profile",
    "nat-gateway",
    "public-address",
    "firewall-endpoint",
    "encryption-key",
    "cluster",
    "database",
    "load-balancer",
    "secret",
    "alarm",
    "metric",
]

DETECTIONS = 6
"""Number of detections of the audit stack. Each has one alarm and one metric."""

Quantities = Mapping[Component, int]

_INTERNET_EGRESS: Quantities = {"firewall-endpoint": 1, "nat-gateway": 1, "public-address": 1}
"""Components of internet egress. They are in one zone, whatever the number of zones."""


def quantities(stack: StackIdentity, foundation: Foundation, endpoints: Endpoints) -> Quantities:
    """Returns the quantities of a stack in an endpoint mode. An interface endpoint counts once per zone."""
    if stack.is_environment:
        return _environment(stack, foundation, endpoints)
    if stack.dataset is not None:
        return {"encryption-key": int(foundation.datasets[stack.dataset].kind == "objects")}
    count = _SHARED.get(stack.kind)
    return {} if count is None else count(stack, endpoints, foundation)


def _environment(stack: StackIdentity, foundation: Foundation, endpoints: Endpoints) -> Quantities:
    settings = foundation.environments[stack.name]
    services = endpoint_services_of(
        settings,
        packages=foundation.studio_installs_packages(settings),
        code=foundation.studio_pushes_code(settings),
    )
    internet_egress = _INTERNET_EGRESS if settings.internet_access else {}
    own = _endpoints(services, settings.zones, endpoints, foundation.organization.home_region)
    interfaces = own["interface-endpoint"] + settings.zones * settings.tracking_server
    return {"encryption-key": 1, **own, "interface-endpoint": interfaces, **internet_egress}


def _working_account(stack: StackIdentity, endpoints: Endpoints, foundation: Foundation) -> Quantities:
    services = endpoint_services(
        cast(NetworkKind, stack.kind),
        deliveries=foundation.has_deliveries,
        connections=created_connection(foundation.organization.source) is not None,
        cluster=foundation.has_cluster,
        packages=foundation.has_packages,
        requests=foundation.runs_requests,
        platform_image=foundation.builds_platform_image,
        workflows=foundation.creates_workflow_database,
    )
    region = foundation.organization.home_region
    return {"encryption-key": 1, **_endpoints(services, ZONES_OF_SHARED_NETWORKS, endpoints, region)}


def _governance_account(stack: StackIdentity, endpoints: Endpoints, foundation: Foundation) -> Quantities:
    """Returns the quantities of a working account, and the two secrets of the database of workflows: the password and
    the key with which builds encrypt. Its capacity is paid by use."""
    secrets = 2 if foundation.creates_workflow_database else 0
    return {**_working_account(stack, endpoints, foundation), "secret": secrets}


def _network_account(_: StackIdentity, endpoints: Endpoints, foundation: Foundation) -> Quantities:
    if endpoints == "dedicated":
        return {}
    interfaces = (
        len(offered_in(foundation.organization.home_region, shared_endpoint_services())) * ZONES_OF_SHARED_NETWORKS
    )
    return {"interface-endpoint": interfaces, "transit-gateway-attachment": 1, "dns-profile": 1}


def _replica(_stack: StackIdentity, _endpoints: Endpoints, _foundation: Foundation) -> Quantities:
    return {"encryption-key": 1}


def _cluster(_stack: StackIdentity, _endpoints: Endpoints, _foundation: Foundation) -> Quantities:
    return {"encryption-key": 1, "cluster": 1}


def _inside_the_cluster(_stack: StackIdentity, _endpoints: Endpoints, foundation: Foundation) -> Quantities:
    cluster = foundation.organization.tooling_cluster
    namespaces = cluster.namespaces.values() if cluster is not None else ()
    return {"load-balancer": sum(namespace.load_balancer is not None for namespace in namespaces)}


def _tracking_server(_stack: StackIdentity, _endpoints: Endpoints, foundation: Foundation) -> Quantities:
    server = foundation.organization.tracking_server
    balanced = server is not None and server.certificate is not None
    return {"encryption-key": 1, "database": 1, "load-balancer": int(balanced), "secret": 1}


def _portal(_stack: StackIdentity, _endpoints: Endpoints, _foundation: Foundation) -> Quantities:
    return {"load-balancer": 1}


def _ci_runners(_stack: StackIdentity, _endpoints: Endpoints, foundation: Foundation) -> Quantities:
    """Returns the key and the secrets. Runners and jobs run on instances of the cluster, which are paid by use."""
    cluster = foundation.organization.tooling_cluster
    teams = () if cluster is None or cluster.ci is None else cluster.ci.teams
    return {"encryption-key": 1, "secret": len(teams)}


def _audit_account(_stack: StackIdentity, _endpoints: Endpoints, _foundation: Foundation) -> Quantities:
    return {"encryption-key": 1, "alarm": DETECTIONS, "metric": DETECTIONS}


_SHARED: Mapping[str, Callable[[StackIdentity, Endpoints, Foundation], Quantities]] = {
    "audit": _audit_account,
    "network": _network_account,
    "data-lake": _working_account,
    "lake-replica": _replica,
    "audit-replica": _replica,
    "tooling": _working_account,
    "tooling-cluster": _cluster,
    "tooling-platform": _inside_the_cluster,
    "tooling-mlflow": _tracking_server,
    "tooling-portal": _portal,
    "tooling-ci": _ci_runners,
    "governance": _governance_account,
}
"""Quantities by stack kind. The other shared stacks and the stacks of teams have no fixed cost."""


def _endpoints(services: tuple[EndpointService, ...], zones: int, endpoints: Endpoints, region: str) -> Quantities:
    """Returns a network's own interface endpoints and its attachment to the transit gateway of the shared ones."""
    own = own_endpoint_services(services) if endpoints == "shared" else services
    return {
        "transit-gateway-attachment": int(endpoints == "shared"),
        "interface-endpoint": zones * sum(service.type == "Interface" for service in offered_in(region, own)),
    }
