"""Rules about connections between networks: only to known accounts, and only after acceptance."""

from __future__ import annotations

import re

from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.security.rules.network.endpoints import ENDPOINT, is_of_an_account

PEERING = ("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",)
PEERING_ACCEPTER = ("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",)
TRANSIT_GATEWAY = ("aws:ec2transitgateway/transitGateway:TransitGateway",)
ENDPOINT_SERVICE = ("aws:ec2/vpcEndpointService:VpcEndpointService",)
ENDPOINT_SERVICE_PRINCIPAL = ("aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple",)
SHARE = ("aws:ram/resourceShare:ResourceShare",)

_PRINCIPAL_OF_ACCOUNT = re.compile(r"arn:aws:iam::\d{12}:(?:root|role/.+|user/.+)")
_AUTO_ACCEPTED = violation("is accepted automatically", fix="set autoAccept to false")
_PUBLIC_SERVICE = violation("offers a service to every account", fix="name the accounts that may connect")


def peers_with_known_accounts(resource: Resource) -> Violation | None:
    peer = resource.properties.text("peerOwnerId")
    known = [*resource.context.partner_accounts, *_own_accounts(resource)]
    if isinstance(peer, str) and known and peer not in known:
        return violation(
            "connects to an undeclared account",
            fix="use the transit gateway, or list the account under partner_accounts",
        )
    return does_not_auto_accept(resource)


def _own_accounts(resource: Resource) -> list[str]:
    own = resource.account_ids
    return [] if isinstance(own, Unknown) else own


def does_not_auto_accept(resource: Resource) -> Violation | None:
    return _AUTO_ACCEPTED if resource.properties.flag("autoAccept") is True else None


def routes_no_attachment_by_default(resource: Resource) -> Violation | None:
    """Requires that automatically accepted attachments get no routes by default. The network stack lists no teams, so
    it cannot accept attachments one by one; a separate route table then says what each attachment reaches.
    """
    if resource.properties.text("autoAcceptSharedAttachments") != "enable":
        return None
    defaults = ("defaultRouteTableAssociation", "defaultRouteTablePropagation")
    if all(resource.properties.text(default) in ("disable", UNKNOWN) for default in defaults):
        return None
    return violation("routes every attachment by default", fix=f"set {' and '.join(defaults)} to disable")


def admits_named_accounts(resource: Resource) -> Violation | None:
    """Requires acceptance by hand, unless the service itself lists who may connect. OR-09 judges whose accounts these
    are."""
    allowed = resource.properties.items("allowedPrincipals")
    if isinstance(allowed, list) and "*" in allowed:
        return _PUBLIC_SERVICE
    if resource.properties.flag("acceptanceRequired") in (True, UNKNOWN) or isinstance(allowed, Unknown):
        return None
    if allowed and all(item is UNKNOWN or _PRINCIPAL_OF_ACCOUNT.fullmatch(str(item)) for item in allowed):
        return None
    return violation(
        "accepts connections automatically", fix="set acceptanceRequired to true, or list accounts in allowedPrincipals"
    )


def leads_to_a_known_service(resource: Resource) -> Violation | None:
    """Requires that an endpoint service of an account is one that the foundation offers."""
    name = resource.properties.text("serviceName")
    if not is_of_an_account(name) or name in resource.context.endpoint_services:
        return None
    return violation(
        "leads to an endpoint service that the foundation does not offer",
        fix="use a service of AWS, or one that an upstream stack exports as endpoint_service_name",
    )


def names_a_principal(resource: Resource) -> Violation | None:
    return _PUBLIC_SERVICE if resource.properties.text("principalArn") == "*" else None


def shares_inside_the_organization(resource: Resource) -> Violation | None:
    if resource.properties.flag("allowExternalPrincipals") is not True:
        return None
    return violation("can be shared with other organizations", fix="set allowExternalPrincipals to false")


RULES = (
    Rule(
        id="NW-07",
        title="Networks connect only to known accounts, and only after acceptance",
        severity="high",
        sources=("FSBP EC2.23", "CIS 5.0 5.6", "CKV_AWS_123", "CKV2_AWS_44", "data perimeter RAM sharing"),
        remedy="Connect through the transit gateway, accept peers explicitly, and share only inside the organization. "
        "List the accounts that may connect to an endpoint service. `plinth` tells the pack the endpoint services that "
        "upstream stacks export; with plain Pulumi, set PLINTH_ORGANIZATION.",
        checks=for_each(PEERING, peers_with_known_accounts)
        | for_each(PEERING_ACCEPTER, does_not_auto_accept)
        | for_each(TRANSIT_GATEWAY, routes_no_attachment_by_default)
        | for_each(ENDPOINT_SERVICE, admits_named_accounts)
        | for_each(ENDPOINT, leads_to_a_known_service)
        | for_each(ENDPOINT_SERVICE_PRINCIPAL, names_a_principal)
        | for_each(SHARE, shares_inside_the_organization),
    ),
)
