"""RAM: principals and resources that are added to an existing share, tags and permissions."""

from __future__ import annotations

from typing import Any

from moto.ram.models import ResourceShare, ram_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.projection import tags_from


def patch_moto() -> None:
    """Adds shareable resource types that moto lacks (RAM User Guide, "Shareable AWS resources")."""
    further = ["feature-group", "firewall-rule-group", "profile", "sagemaker-catalog"]
    ResourceShare.SHAREABLE_RESOURCES = [*ResourceShare.SHAREABLE_RESOURCES, *further]


def _share(call: Call) -> Any:
    arn = call.parameters["resourceShareArn"]
    for share in ram_backends[call.account][call.region].resource_shares:
        if share.arn == arn:
            return share
    raise AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def _create(exchange: Exchange) -> Answer:
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
    "GetResourceShares": _list,
    "ListResourceSharePermissions": _list_permissions,
}
