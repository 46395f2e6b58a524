"""EC2 settings for a whole account and region."""

from __future__ import annotations

from plinth_sandbox.provider.functions.network.account_settings import block_public_images
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

IMAGE_BLOCK_PUBLIC_ACCESS = Resource(
    type="aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    create=block_public_images,
    creates=["state"],
    read=Call("get_image_block_public_access_state", gives={"state": "ImageBlockPublicAccessState"}),
    update=[Update(block_public_images, carries=["state"])],
    delete=None,  # the vendor's provider leaves the setting unchanged
    identifier="{@region}",
    name=None,
)

_METADATA_DEFAULTS = {
    "httpTokens": "no-preference",
    "httpPutResponseHopLimit": -1,
    "httpEndpoint": "no-preference",
    "instanceMetadataTags": "no-preference",
}

INSTANCE_METADATA_DEFAULTS = Resource(
    type="aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    put="modify_instance_metadata_defaults",
    read=Call("get_instance_metadata_defaults", within="AccountLevel"),
    delete=Call(
        "modify_instance_metadata_defaults",
        {name[0].upper() + name[1:]: value for name, value in _METADATA_DEFAULTS.items()},
    ),
    identifier="{@region}",
    defaults=_METADATA_DEFAULTS,
    name=None,
)

_MODE = "internetGatewayBlockMode"

VPC_BLOCK_PUBLIC_ACCESS_OPTIONS = Resource(
    type="aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    put=Call("modify_vpc_block_public_access_options", carries=[_MODE]),
    read=Call("describe_vpc_block_public_access_options", within="VpcBlockPublicAccessOptions", carries=[_MODE]),
    exists="VpcBlockPublicAccessOptions.InternetGatewayBlockMode != 'off'",
    delete=Call("modify_vpc_block_public_access_options", {"InternetGatewayBlockMode": "off"}),
    identifier="{@region}",
    derived={"awsAccountId": "{@account}", "awsRegion": "{@region}"},
    local=["timeouts"],
    name=None,
)
