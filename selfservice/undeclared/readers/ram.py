"""AWS RAM: resource shares, and what was added to declared ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from selfservice.undeclared.finding import Danger, Finding, worst
from selfservice.undeclared.reading import Reading

SHARE = "aws:ram/resourceShare:ResourceShare"
PRINCIPAL = "aws:ram/principalAssociation:PrincipalAssociation"
RESOURCE = "aws:ram/resourceAssociation:ResourceAssociation"
_OF_LAKE_FORMATION = "LakeFormation-"
_PRESENT = frozenset({"ACTIVE", "PENDING"})
_REMEDY = "Delete it (`aws ram delete-resource-share`, or `disassociate-resource-share`)."


def read(reading: Reading) -> Iterator[Finding]:
    """Yields shares of the account, and principals or resources of declared shares, that no stack declares."""
    declared = reading.names("arn", SHARE)
    principals, resources = (_associated(reading, kind) for kind in ("PRINCIPAL", "RESOURCE"))
    for share in reading.every("ram", "get_resource_shares", "resourceShares", resourceOwner="SELF"):
        arn = share["resourceShareArn"]
        if share["status"] not in _PRESENT or _is_of_lake_formation(share, resources[arn]):
            continue
        if arn not in declared:
            yield _finding(reading, share, principals[arn], resources[arn])
            continue
        known = _declared(reading, PRINCIPAL, "principal", arn), _declared(reading, RESOURCE, "resourceArn", arn)
        added = principals[arn] - known[0], resources[arn] - known[1]
        if any(added):
            # Whoever was added gets all that is shared, and all get what was added.
            yield _finding(reading, share, added[0] or principals[arn], added[1] or resources[arn])


def _associated(reading: Reading, kind: str) -> defaultdict[str, frozenset[str]]:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for resource_share in reading.every(
        "ram", "get_resource_share_associations", "resourceShareAssociations", associationType=kind
    ):
        if resource_share.get("status", "ASSOCIATED") in {"ASSOCIATED", "ASSOCIATING"}:
            found[resource_share["resourceShareArn"]] |= {str(resource_share["associatedEntity"])}
    return found


def _declared(reading: Reading, type_: str, key: str, share: str) -> frozenset[str]:
    found = reading.declared.of(type_, account=reading.account.id, region=reading.account.region)
    return frozenset(
        str(association.properties[key]) for association in found if association.properties["resourceShareArn"] == share
    )


def _is_of_lake_formation(share: Mapping[str, Any], resources: frozenset[str]) -> bool:
    """Returns whether Lake Formation keeps the share for its grants to other accounts, which are read there.

    Shares of catalogs open nothing without a grant, so a share that only has the name is no danger.
    """
    return str(share["name"]).startswith(_OF_LAKE_FORMATION) and all(
        resource.startswith("arn:aws:glue:") for resource in resources
    )


def _finding(
    reading: Reading, share: Mapping[str, Any], principals: frozenset[str], resources: frozenset[str]
) -> Finding:
    dangers = [reading.organization.danger_to(principal, reading.account.id) for principal in principals]
    return reading.found(
        worst(dangers) or Danger.ACCOUNT,
        share["resourceShareArn"],
        f"using {', '.join(sorted(resources)) or 'nothing yet'} (resource share {share['name']})",
        _REMEDY,
        principals=tuple(sorted(principals)),
        since=share.get("creationTime"),
    )
