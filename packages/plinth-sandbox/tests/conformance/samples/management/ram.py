"""Samples of AWS Resource Access Manager."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_SHARE: Need = ("aws:ram/resourceShare:ResourceShare", {"name": "sample-{n}", "allowExternalPrincipals": True})
_GROUP: Need = ("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup", {"name": "sample-{n}"})


def _share(aws: Aws, it: Kept) -> dict[str, Any]:
    shares = aws("ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    (share,) = [share for share in shares if share["resourceShareArn"] == it.id]
    return {
        "name": share["name"].rpartition("-")[0],
        "outsiders": share["allowExternalPrincipals"],
        "tags": {tag["key"]: tag["value"] for tag in share.get("tags", [])},
    }


def _joined(kind: str) -> Any:
    def look(aws: Aws, it: Kept) -> list[str]:
        answer = aws("ram").get_resource_share_associations(
            associationType=kind, resourceShareArns=[it.outputs["resourceShareArn"]]
        )
        return [association["associatedEntity"] for association in answer["resourceShareAssociations"]]

    return look


def _sharing(aws: Aws, it: Kept) -> bool:
    aws("iam").get_role(RoleName="AWSServiceRoleForResourceAccessManager")
    trusted = aws("organizations").list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    return "ram.amazonaws.com" in [service["ServicePrincipal"] for service in trusted]


SAMPLES = [
    Sample(
        type="aws:ram/resourceShare:ResourceShare",
        inputs={"name": "before-{n}", "allowExternalPrincipals": True, "tags": {"own": "1"}},
        look=_share,
        seen={"name": "before", "outsiders": True, "tags": {"from": "provider", "own": "1"}},
        change={"name": "after-1", "allowExternalPrincipals": False, "tags": {"own": "2"}},
        seen_changed={"name": "after", "outsiders": False, "tags": {"from": "provider", "own": "2"}},
        drift=lambda aws, it: aws("ram").update_resource_share(
            resourceShareArn=it.id, allowExternalPrincipals=False, name=it.inputs["name"]
        ),
        drifts="allowExternalPrincipals",
        remove=lambda aws, it: aws("ram").delete_resource_share(resourceShareArn=it.id),
    ),
    Sample(
        type="aws:ram/principalAssociation:PrincipalAssociation",
        needs={"share": _SHARE},
        inputs={"resourceShareArn": "{share.id}", "principal": "111122223333"},
        look=_joined("PRINCIPAL"),
        seen=["111122223333"],
        replace={"principal": "444455556666"},
        remove=lambda aws, it: aws("ram").disassociate_resource_share(
            resourceShareArn=it.outputs["resourceShareArn"], principals=["111122223333"]
        ),
    ),
    Sample(
        type="aws:ram/resourceAssociation:ResourceAssociation",
        needs={"share": _SHARE, "group": _GROUP},
        inputs={"resourceShareArn": "{share.id}", "resourceArn": "{group.outputs.arn}"},
        look=_joined("RESOURCE"),
        seen=["{group.outputs.arn}"],
        replace={"resourceArn": "arn:aws:ec2:eu-west-1:123456789012:transit-gateway/tgw-0"},
        remove=lambda aws, it: aws("ram").disassociate_resource_share(
            resourceShareArn=it.outputs["resourceShareArn"], resourceArns=[it.outputs["resourceArn"]]
        ),
    ),
    Sample(
        type="aws:ram/sharingWithOrganization:SharingWithOrganization",
        needs={
            "organization": (
                "aws:organizations/organization:Organization",
                {"awsServiceAccessPrincipals": ["ram.amazonaws.com"]},
            )
        },
        inputs={},
        look=_sharing,
        seen=True,
        remove=lambda aws, it: aws("organizations").disable_aws_service_access(ServicePrincipal="ram.amazonaws.com"),
    ),
]
