"""Rules about the Kubernetes cluster in the tooling account, and about the tools in it."""

from __future__ import annotations

from collections.abc import Iterator

from settings.organization.cluster.tooling_cluster import FIRST_PHASE_WITH_CLUSTER, certificates_of
from settings.organization.organization import Organization
from settings.rules.partial_config import PartialConfig, PartialModel, project_fault
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import PHASES


def cluster_faults(partial: PartialModel[Organization]) -> Iterator[Fault]:
    if partial.has("phase", "placement", "tooling_cluster"):
        yield from _cluster_faults(partial.model)
    if partial.has("sign_in", "request_runner", "tooling_cluster"):
        yield from _portal_faults(partial.model)
    if partial.has("tooling_cluster"):
        yield from _tracking_faults(partial.model)
    if partial.has("home_region", "tooling_cluster"):
        yield from _certificate_faults(partial.model)


def ci_team_faults(config: PartialConfig) -> Iterator[Fault]:
    """Refuses runners for teams that do not exist."""
    if not config.organization.has("tooling_cluster"):
        return
    cluster = config.organization.model.tooling_cluster
    for team in () if cluster is None or cluster.ci is None else cluster.ci.teams:
        if team not in config.teams and team not in config.unreadable:
            known = ", ".join(sorted(config.teams)) or "none"
            fix = f"remove it, or write the name of a team ({known})"
            yield project_fault(Code.CI_TEAM, "tooling_cluster.ci.teams", team, "is not the name of a team", fix)


def _cluster_faults(organization: Organization) -> Iterator[Fault]:
    if organization.tooling_cluster is None:
        return
    field, phase, value = "tooling_cluster", organization.phase, "a cluster"
    if PHASES.index(phase) < PHASES.index(FIRST_PHASE_WITH_CLUSTER):
        rule = f"needs phase {FIRST_PHASE_WITH_CLUSTER}; the organization is in phase {phase}"
        fix = f"remove the setting, or set phase: {FIRST_PHASE_WITH_CLUSTER}"
        yield project_fault(Code.NOT_IN_PHASE, field, value, rule, fix)
    elif organization.placement.account_of("tooling") == "organization":
        rule = "would be in the management account, where no guardrail limits what runs in it"
        fix = "remove the setting, or place tooling in an account of its own: placement: {preset: large}"
        yield project_fault(Code.CLUSTER, field, value, rule, fix)


def _portal_faults(organization: Organization) -> Iterator[Fault]:
    """Refuses a portal without what it signs people in with, and without the repository that it reads."""
    if organization.tooling_cluster is None or organization.tooling_cluster.portal is None:
        return
    field, value = "tooling_cluster.portal", "a portal"
    if organization.sign_in != "identity-center":
        rule = "signs people in with IAM Identity Center, which the organization does not use"
        yield project_fault(Code.PORTAL, field, value, rule, "remove the setting, or set sign_in: identity-center")
    if organization.request_runner is None:
        rule = "reads the settings in the repository of the runner of requests, which the organization does not have"
        yield project_fault(Code.PORTAL, field, value, rule, "remove the setting, or add request_runner")


def _tracking_faults(organization: Organization) -> Iterator[Fault]:
    """Refuses a name of a load balancer that does not exist, and to offer a tracking server that has no name, or that
    no account may reach."""
    server, field = organization.tracking_server, "tooling_cluster.mlflow"
    if server is None:
        return
    if server.host is not None and server.certificate is None:
        rule = "names the load balancer of the tracking server, which has none without a certificate"
        fix = "add mlflow.certificate, or remove the setting"
        yield project_fault(Code.TRACKING_SERVER, f"{field}.host", server.host, rule, fix)
    if server.private_link is not None and server.host is None:
        rule = "offers the tracking server under its name, and it has none"
        fix = "add mlflow.host, or remove the setting"
        yield project_fault(Code.TRACKING_SERVER, f"{field}.private_link", "an endpoint service", rule, fix)
    if server.private_link is not None and not server.client_accounts:
        rule = "offers the tracking server to the accounts of its clients, and it has none"
        fix = "add a role to mlflow.clients, or remove the setting"
        yield project_fault(Code.TRACKING_SERVER, f"{field}.private_link", "an endpoint service", rule, fix)


def _certificate_faults(organization: Organization) -> Iterator[Fault]:
    """Refuses certificates of other regions, because a load balancer uses those of its own only."""
    for setting, arn in certificates_of(organization.tooling_cluster):
        region = arn.split(":")[3]
        if region != organization.home_region:
            rule = f"is a certificate of {region}; the load balancer is in the home region {organization.home_region}"
            fix = f"request or import it in {organization.home_region}, and name that one"
            yield project_fault(Code.REGION_NOT_ALLOWED, f"tooling_cluster.{setting}", arn, rule, fix)
