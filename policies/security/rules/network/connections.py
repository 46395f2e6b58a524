"""Rules about connections between networks: only to accounts we know, and only when somebody said yes."""

from __future__ import annotations

from policies.security.inputs.readers import UNKNOWN, Unknown
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

PEERING = ("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",)
PEERING_ACCEPTER = ("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",)
TRANSIT_GATEWAY = ("aws:ec2transitgateway/transitGateway:TransitGateway",)
ENDPOINT_SERVICE = ("aws:ec2/vpcEndpointService:VpcEndpointService",)
ENDPOINT_SERVICE_PRINCIPAL = ("aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple",)
SHARE = ("aws:ram/resourceShare:ResourceShare",)

_UNASKED = refuse("connects without anybody's consent", fix="set autoAccept to false")
_FOR_EVERYBODY = refuse("offers a service to everybody", fix="name the accounts that may connect")


def peers_with_accounts_we_know(subject: Subject) -> Verdict:
    peer = subject.properties.text("peerOwnerId")
    known = [*subject.surroundings.partner_accounts, *_own_accounts(subject)]
    if isinstance(peer, str) and known and peer not in known:
        return refuse("connects to an account that nobody declared", fix="use the transit gateway, or partner_accounts")
    return accepts_nothing_unasked(subject)


def _own_accounts(subject: Subject) -> list[str]:
    own = subject.account_ids
    return [] if isinstance(own, Unknown) else own


def accepts_nothing_unasked(subject: Subject) -> Verdict:
    return _UNASKED if subject.properties.flag("autoAccept") is True else None


def routes_nothing_unasked(subject: Subject) -> Verdict:
    """A shared stack lists no teams, so it cannot accept their attachments one by one. Then none may be routed by being
    there: what an attachment reaches is written in a route table of its own.
    """
    if subject.properties.text("autoAcceptSharedAttachments") != "enable":
        return None
    defaults = ("defaultRouteTableAssociation", "defaultRouteTablePropagation")
    if all(subject.properties.text(default) in ("disable", UNKNOWN) for default in defaults):
        return None
    return refuse("routes whatever attaches itself", fix=f"set {' and '.join(defaults)} to disable")


def serves_whom_it_accepts(subject: Subject) -> Verdict:
    if subject.properties.flag("acceptanceRequired") not in (True, UNKNOWN):
        return refuse("connects without anybody's consent", fix="set acceptanceRequired to true")
    allowed = subject.properties.items("allowedPrincipals")
    return _FOR_EVERYBODY if isinstance(allowed, list) and "*" in allowed else None


def admits_no_everybody(subject: Subject) -> Verdict:
    return _FOR_EVERYBODY if subject.properties.text("principalArn") == "*" else None


def shares_inside_the_organization(subject: Subject) -> Verdict:
    if subject.properties.flag("allowExternalPrincipals") is not True:
        return None
    return refuse("can be shared with other organizations", fix="set allowExternalPrincipals to false")


RULES = (
    Rule(
        id="NW-07",
        title="Networks connect to accounts we know, by consent",
        severity="high",
        sources=("FSBP EC2.23", "CIS 5.0 5.6", "CKV_AWS_123", "CKV2_AWS_44", "data perimeter RAM sharing"),
        remedy="Connect by the transit gateway, accept peers and consumers by hand, share inside the organization.",
        judges=for_each(PEERING, peers_with_accounts_we_know)
        | for_each(PEERING_ACCEPTER, accepts_nothing_unasked)
        | for_each(TRANSIT_GATEWAY, routes_nothing_unasked)
        | for_each(ENDPOINT_SERVICE, serves_whom_it_accepts)
        | for_each(ENDPOINT_SERVICE_PRINCIPAL, admits_no_everybody)
        | for_each(SHARE, shares_inside_the_organization),
    ),
)
