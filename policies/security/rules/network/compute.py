"""Rules about EC2 instances and disks: encrypted, never public, and with protected instance credentials."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, Properties, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

VOLUME_DEFAULT = ("aws:ebs/encryptionByDefault:EncryptionByDefault",)
METADATA_DEFAULT = ("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",)
MACHINE = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)
SHARING: dict[str, str] = {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": "block-all-sharing",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": "block-new-sharing",
}
"""Required state of the account's public sharing blocks, by type."""
IMAGE_PERMISSION = ("aws:ec2/amiLaunchPermission:AmiLaunchPermission",)


def encrypts_by_default(resource: Resource) -> Violation | None:
    if resource.properties.flag("enabled") is False:
        return violation("leaves new disks unencrypted", fix="set enabled to true")
    return None


def requires_tokens_by_default(resource: Resource) -> Violation | None:
    return _check_tokens(resource.properties)


def requires_tokens(resource: Resource) -> Violation | None:
    options = resource.properties.value("metadataOptions")
    if isinstance(options, Unknown):
        return None
    return _check_tokens(Properties(options if isinstance(options, dict) else {}))


def _check_tokens(options: Properties) -> Violation | None:
    """Requires version 2 of the instance metadata service at one hop. Version 1 is open to server-side request forgery,
    and a second hop gives containers access.
    """
    if options.text("httpTokens") not in ("required", UNKNOWN):
        return violation("allows instance metadata without a token", fix="set httpTokens to required")
    if options.number("httpPutResponseHopLimit") not in (1, UNKNOWN):
        return violation("gives containers access to instance credentials", fix="set httpPutResponseHopLimit to 1")
    return None


def blocks_public_sharing(resource: Resource) -> Violation | None:
    if resource.properties.text("state") in (SHARING[resource.type], UNKNOWN):
        return None
    return violation("allows public snapshots or images", fix=f"set state to {SHARING[resource.type]}")


def image_is_not_public(resource: Resource) -> Violation | None:
    if resource.properties.text("group") != "all":
        return None
    return violation("makes an image public", fix="name accounts or the organization instead")


RULES = (
    Rule(
        id="NW-08",
        title="Disks are encrypted, images are private, and instance metadata needs a token",
        severity="high",
        sources=("FSBP EC2.1", "FSBP EC2.7", "FSBP EC2.8", "FSBP EC2.170", "CIS 5.0 5.7", "CKV_AWS_79", "CKV_AWS_341"),
        remedy="Encrypt disks by default, block public snapshots and images, and require metadata tokens at one hop.",
        checks=for_each(VOLUME_DEFAULT, encrypts_by_default)
        | for_each(METADATA_DEFAULT, requires_tokens_by_default)
        | for_each(MACHINE, requires_tokens)
        | for_each(tuple(SHARING), blocks_public_sharing)
        | for_each(IMAGE_PERMISSION, image_is_not_public),
    ),
)
