"""AWS Resource Access Manager."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.ram import disable_sharing, read_sharing
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

RESOURCE_SHARE = Resource(
    type="aws:ram/resourceShare:ResourceShare",
    create=Call("create_resource_share", gives={"id": "resourceShare.resourceShareArn"}),
    address={"resourceShareArn": "{id}"},
    read=Call(
        "get_resource_shares",
        {"resourceOwner": "SELF"},
        within="resourceShares[?resourceShareArn=='{id}'] | [0]",
        gives={"arn": "resourceShares[?resourceShareArn=='{id}'] | [0].resourceShareArn"},
    ),
    exists="resourceShares[?resourceShareArn=='{id}'] | [0].status == 'ACTIVE'",
    update=[Update(Call("update_resource_share", carries=["name", "allowExternalPrincipals"]))],
    delete="delete_resource_share",
    defaults={"allowExternalPrincipals": False},
    computed=["permissionArns"],
    unread=["permissionArns"],
    tags=Tagging(read=None, address={"resourceShareArn": "{id}"}),
)

PRINCIPAL_ASSOCIATION = Resource(
    type="aws:ram/principalAssociation:PrincipalAssociation",
    create=Call("associate_resource_share", {"principals": ["{principal}"]}, carries=["principal", "resourceShareArn"]),
    identifier="{resourceShareArn},{principal}",
    read=Call(
        "get_resource_share_associations",
        {
            "associationType": "PRINCIPAL",
            "resourceShareArns": ["{resourceShareArn}"],
            "principal": "{principal}",
        },
        within="resourceShareAssociations[0]",
    ),
    delete=Call("disassociate_resource_share", {"principals": ["{principal}"]}),
    absent="UnknownResourceException",
    name=None,
)

RESOURCE_ASSOCIATION = Resource(
    type="aws:ram/resourceAssociation:ResourceAssociation",
    create=Call(
        "associate_resource_share", {"resourceArns": ["{resourceArn}"]}, carries=["resourceArn", "resourceShareArn"]
    ),
    identifier="{resourceShareArn},{resourceArn}",
    read=Call(
        "get_resource_share_associations",
        {
            "associationType": "RESOURCE",
            "resourceShareArns": ["{resourceShareArn}"],
            "resourceArn": "{resourceArn}",
        },
        within="resourceShareAssociations[0]",
    ),
    delete=Call("disassociate_resource_share", {"resourceArns": ["{resourceArn}"]}),
    absent="UnknownResourceException",
    name=None,
)

SHARING_WITH_ORGANIZATION = Resource(
    type="aws:ram/sharingWithOrganization:SharingWithOrganization",
    create="enable_sharing_with_aws_organization",
    identifier="{@account}",
    read=read_sharing,
    delete=disable_sharing,
    name=None,
)

RESOURCES = [RESOURCE_SHARE, PRINCIPAL_ASSOCIATION, RESOURCE_ASSOCIATION, SHARING_WITH_ORGANIZATION]
