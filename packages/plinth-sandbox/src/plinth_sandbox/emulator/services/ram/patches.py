"""RAM: sharing with the organization, principals and resources that are added to an existing share, tags and
permissions."""

from __future__ import annotations

import re
from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.ram.models import ResourceShare, ram_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.iam.patches import iam
from plinth_sandbox.emulator.store.projection import tags_from

SERVICE = "ram.amazonaws.com"
LINKED_ROLE = "AWSServiceRoleForResourceAccessManager"
"""Role with which RAM looks up the organization. Enabling sharing creates it; trusted access alone does not (RAM API
Reference, ``EnableSharingWithAwsOrganization``, read 2026-11-21)."""

_OUTSIDE = (
    "The resource you are attempting to share can only be shared within your AWS Organization. This error may also "
    "occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress."
)
"""Message of RAM, also quoted in github.com/hashicorp/terraform-provider-aws/issues/7769."""


def patch_moto() -> None:
    """Adds shareable resource types that moto lacks (RAM User Guide, "Shareable AWS resources"), and finds the units of
    the organization for member accounts too."""
    further = ["feature-group", "firewall-rule-group", "profile", "sagemaker-catalog"]
    ResourceShare.SHAREABLE_RESOURCES = [*ResourceShare.SHAREABLE_RESOURCES, *further]
    ResourceShare.organizations_backend = property(lambda share: _organization(share.account_id))


def _share(call: Call) -> Any:
    arn = call.parameters["resourceShareArn"]
    for share in ram_backends[call.account][call.region].resource_shares:
        if share.arn == arn:
            return share
    raise AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def _organization(account: str) -> OrganizationsBackend:
    """Returns the organization of an account, whether it manages the organization or is a member."""
    manager, partition = organizations_backends.master_accounts.get(account, (account, "aws"))
    return organizations_backends[manager][partition]


def _enable_sharing(exchange: Exchange) -> Answer:
    call, organization = exchange.call, _organization(exchange.call.account)
    if organization.org is None or organization.account_id != call.account:
        raise AwsError("OperationNotPermittedException", "Only the management account can enable sharing.")
    if not _has_linked_role(organization):
        iam.patch_moto()  # the name of the role depends on it, and IAM may not have been called yet
        iam_backends[call.account]["aws"].create_service_linked_role(SERVICE, "", "")
    organization.enable_aws_service_access(ServicePrincipal=SERVICE)
    return call.reply({"returnValue": True})


def _has_linked_role(organization: OrganizationsBackend) -> bool:
    roles = iam_backends[organization.account_id]["aws"].roles
    return any(role.name == LINKED_ROLE for role in roles.values())


def _shares(organization: OrganizationsBackend) -> bool:
    """Returns whether RAM may look up the organization."""
    if organization.org is None or not _has_linked_role(organization):
        return False
    return any(service["ServicePrincipal"] == SERVICE for service in organization.services)


def _require_known_principals(call: Call, *, allow_external: bool) -> None:
    """Refuses principals that RAM cannot look up, and accounts that would need an invitation that the share forbids."""
    organization = _organization(call.account)
    sharing = _shares(organization)
    members = [account.id for account in organization.accounts] if sharing else []
    for principal in call.parameters.get("principals", []):
        unit = re.fullmatch(r"arn:aws:organizations::\d{12}:ou/o-\w+/(ou-[\w-]+)", principal)
        whole = re.fullmatch(r"arn:aws:organizations::\d{12}:organization/(o-\w+)", principal)
        if whole and not sharing:
            raise AwsError("UnknownResourceException", f"Organization {whole[1]} could not be found.")
        if unit and not sharing:
            message = f"OrganizationalUnit {unit[1]} in unknown organization could not be found."
            raise AwsError("UnknownResourceException", message)
        if not allow_external and re.fullmatch(r"\d{12}", principal) and principal not in members:
            raise AwsError("OperationNotPermittedException", _OUTSIDE)


def _create(exchange: Exchange) -> Answer:
    allow_external = exchange.call.parameters.get("allowExternalPrincipals", True)
    _require_known_principals(exchange.call, allow_external=allow_external)
    answer = exchange.below()
    if answer.succeeded:
        arn = exchange.call.result(answer)["resourceShare"]["resourceShareArn"]
        exchange.memory.store.tags_beside(exchange.call.account, arn).update(
            tags_from(exchange.call.parameters.get("tags"))
        )
        _permissions(exchange, arn).update(dict.fromkeys(exchange.call.parameters.get("permissionArns") or []))
    return answer


def _permissions(exchange: Exchange, share: str) -> dict[str, Any]:
    """Returns the permissions of a share's principals: the managed permissions that the request named."""
    return exchange.memory.notes("ram", "permissions", share)


def _list_permissions(exchange: Exchange) -> Answer:
    arns = _permissions(exchange, _share(exchange.call).arn)
    listed = [{"arn": arn, "name": arn.rpartition("/")[2], "status": "ASSOCIATED"} for arn in arns]
    return exchange.call.reply({"permissions": listed})


def _list(exchange: Exchange) -> Answer:
    """Stores the tags of a share, which moto drops."""

    def tag(result: dict[str, Any]) -> None:
        for share in result["resourceShares"]:
            tags = exchange.memory.store.tags_beside(exchange.call.account, share["resourceShareArn"])
            share["tags"] = [{"key": key, "value": value} for key, value in tags.items()]

    return exchange.amend(tag)


def _associate(exchange: Exchange) -> Answer:
    share = _share(exchange.call)
    _require_known_principals(exchange.call, allow_external=share.allow_external_principals)
    share.add_principals(exchange.call.parameters.get("principals", []))
    share.add_resources(exchange.call.parameters.get("resourceArns", []))
    return _associations(exchange.call, share, "ASSOCIATED")


def _disassociate(exchange: Exchange) -> Answer:
    share = _share(exchange.call)
    for kept, gone in ((share.principals, "principals"), (share.resource_arns, "resourceArns")):
        for name in exchange.call.parameters.get(gone, []):
            if name not in kept:
                raise AwsError("UnknownResourceException", f"{name} is not associated with {share.arn}.")
            kept.remove(name)
    return _associations(exchange.call, share, "DISASSOCIATED")


def _associations(call: Call, share: Any, status: str) -> Answer:
    kinds = (("principals", "PRINCIPAL"), ("resourceArns", "RESOURCE"))
    return call.reply(
        {
            "resourceShareAssociations": [
                {"resourceShareArn": share.arn, "associatedEntity": name, "associationType": kind, "status": status}
                for member, kind in kinds
                for name in call.parameters.get(member, [])
            ]
        }
    )


PATCHES: Patches = {
    "AssociateResourceShare": _associate,
    "CreateResourceShare": _create,
    "DisassociateResourceShare": _disassociate,
    "EnableSharingWithAwsOrganization": _enable_sharing,
    "GetResourceShares": _list,
    "ListResourceSharePermissions": _list_permissions,
}
