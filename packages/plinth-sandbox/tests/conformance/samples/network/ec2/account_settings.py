"""Samples of EC2 settings for a whole account."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _images(aws: Aws, it: Kept) -> str:
    return str(aws("ec2").get_image_block_public_access_state()["ImageBlockPublicAccessState"])


def _metadata(aws: Aws, it: Kept) -> dict[str, Any]:
    return dict(aws("ec2").get_instance_metadata_defaults()["AccountLevel"])


def _gateways(aws: Aws, it: Kept) -> str:
    options = aws("ec2").describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    return str(options["InternetGatewayBlockMode"])


def _block_gateways(aws: Aws, mode: str) -> None:
    aws("ec2").modify_vpc_block_public_access_options(InternetGatewayBlockMode=mode)


SAMPLES = [
    Sample(
        type="aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        inputs={"state": "block-new-sharing"},
        look=_images,
        seen="block-new-sharing",
        change={"state": "unblocked"},
        seen_changed="unblocked",
        drift=lambda aws, it: aws("ec2").disable_image_block_public_access(),
        drifts="state",
    ),
    Sample(
        type="aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        inputs={"httpTokens": "required", "httpPutResponseHopLimit": 1},
        look=_metadata,
        seen={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        change={"httpPutResponseHopLimit": None, "instanceMetadataTags": "enabled"},
        seen_changed={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        drift=lambda aws, it: aws("ec2").modify_instance_metadata_defaults(HttpTokens="optional"),
        drifts="httpTokens",
    ),
    Sample(
        type="aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        inputs={"internetGatewayBlockMode": "block-bidirectional"},
        look=_gateways,
        seen="block-bidirectional",
        change={"internetGatewayBlockMode": "block-ingress"},
        seen_changed="block-ingress",
        drift=lambda aws, it: _block_gateways(aws, "block-ingress"),
        drifts="internetGatewayBlockMode",
        remove=lambda aws, it: _block_gateways(aws, "off"),
    ),
]
