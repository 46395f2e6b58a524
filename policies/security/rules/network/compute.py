"""Rules about machines and their disks: encrypted, never public, credentials for the machine alone."""

from __future__ import annotations

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

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
"""What the account's switches against sharing must say."""
IMAGE_PERMISSION = ("aws:ec2/amiLaunchPermission:AmiLaunchPermission",)


def encrypts_by_default(subject: Subject) -> Verdict:
    if subject.properties.flag("enabled") is False:
        return refuse("leaves new disks unencrypted", fix="set enabled to true")
    return None


def defaults_to_tokens(subject: Subject) -> Verdict:
    return _asks_for_tokens(subject.properties)


def asks_for_tokens(subject: Subject) -> Verdict:
    options = subject.properties.value("metadataOptions")
    if isinstance(options, Unknown):
        return None
    return _asks_for_tokens(Properties(options if isinstance(options, dict) else {}))


def _asks_for_tokens(options: Properties) -> Verdict:
    """Version 1 of the metadata service answers whatever can make the machine send a request; a second hop lets
    containers ask.
    """
    if options.text("httpTokens") not in ("required", UNKNOWN):
        return refuse("hands out credentials without a token", fix="set httpTokens to required")
    if options.number("httpPutResponseHopLimit") not in (1, UNKNOWN):
        return refuse("hands credentials to its containers", fix="set httpPutResponseHopLimit to 1")
    return None


def shares_nothing(subject: Subject) -> Verdict:
    if subject.properties.text("state") in (SHARING[subject.type], UNKNOWN):
        return None
    return refuse("lets snapshots or images become public", fix=f"set state to {SHARING[subject.type]}")


def image_is_not_public(subject: Subject) -> Verdict:
    if subject.properties.text("group") != "all":
        return None
    return refuse("makes an image public", fix="name accounts, or the organization, in its place")


RULES = (
    Rule(
        id="NW-08",
        title="Machines keep their disks and credentials to themselves",
        severity="high",
        sources=("FSBP EC2.1", "FSBP EC2.7", "FSBP EC2.8", "FSBP EC2.170", "CIS 5.0 5.7", "CKV_AWS_79", "CKV_AWS_341"),
        remedy="Encrypt disks by default, share no snapshot or image publicly, and ask for metadata tokens at one hop.",
        judges=for_each(VOLUME_DEFAULT, encrypts_by_default)
        | for_each(METADATA_DEFAULT, defaults_to_tokens)
        | for_each(MACHINE, asks_for_tokens)
        | for_each(tuple(SHARING), shares_nothing)
        | for_each(IMAGE_PERMISSION, image_is_not_public),
    ),
)
