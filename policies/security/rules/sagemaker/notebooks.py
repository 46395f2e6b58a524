"""Rules about notebook instances: in the network, without root, encrypted, on a platform that AWS looks after."""

from __future__ import annotations

from policies.security.inputs.readers import UNKNOWN, is_no_key_of_ours, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

NOTEBOOK = ("aws:sagemaker/notebookInstance:NotebookInstance",)

_METADATA_VERSION = ("instanceMetadataServiceConfiguration", "minimumInstanceMetadataServiceVersion")


def stays_in_our_network(subject: Subject) -> Verdict:
    properties = subject.properties
    if properties.text("directInternetAccess") not in ("Disabled", UNKNOWN):
        return refuse("reaches the internet past the VPC", fix="set directInternetAccess to Disabled")
    if lacks(properties.value("subnetId")) or lacks(properties.value("securityGroups")):
        return refuse(
            "stands in a network of AWS", fix="name a private subnet in subnetId and a group in securityGroups"
        )
    return None


def gives_nobody_root(subject: Subject) -> Verdict:
    """The old metadata service hands the role's credentials to whatever can be made to ask for an address."""
    properties = subject.properties
    if properties.text("rootAccess") not in ("Disabled", UNKNOWN):
        return refuse("lets its people be root", fix="set rootAccess to Disabled; its scripts run as root all the same")
    if properties.text(*_METADATA_VERSION) not in ("2", UNKNOWN):
        return refuse("answers to the old metadata service", fix=f"set {_METADATA_VERSION[-1]} to 2")
    return None


def is_looked_after(subject: Subject) -> Verdict:
    """What AWS chooses where no platform is named has been out of support before."""
    properties = subject.properties
    if is_no_key_of_ours(properties.value("kmsKeyId")):
        return refuse("encrypts its volume without a key of ours", fix="set kmsKeyId")
    if properties.text("platformIdentifier") not in (*subject.surroundings.notebook_platforms, UNKNOWN):
        return refuse(
            "runs on a platform without support",
            fix="name one of the organization's notebook_platforms in platformIdentifier",
        )
    return None


RULES = (
    Rule(
        id="SM-06",
        title="Notebooks stay in the network",
        severity="high",
        sources=("FSBP SageMaker.1", "FSBP SageMaker.2", "CKV_AWS_122", "CKV_AWS_306", "cdk-nag SM1", "cdk-nag SM3",
                 "CT.SAGEMAKER.PR.1", "SCP-08"),
        remedy="Set directInternetAccess to Disabled, and give the instance a private subnet and a security group.",
        judges=for_each(NOTEBOOK, stays_in_our_network),
    ),
    Rule(
        id="SM-07",
        title="Nobody is root on a notebook, and its metadata asks for tokens",
        severity="high",
        sources=("FSBP SageMaker.3", "CKV_AWS_307", "CKV_AWS_371", "condition key sagemaker:RootAccess",
                 "condition key sagemaker:MinimumInstanceMetadataServiceVersion", "SCP-08"),
        remedy="Set rootAccess to Disabled and minimumInstanceMetadataServiceVersion to 2; what needs root goes into a "
        "lifecycle configuration.",
        judges=for_each(NOTEBOOK, gives_nobody_root),
    ),
    Rule(
        id="SM-08",
        title="Notebooks are under a key of ours, on a platform with support",
        severity="medium",
        sources=("FSBP SageMaker.8", "FSBP SageMaker.21", "CKV_AWS_22", "cdk-nag SM2", "SCP-09"),
        remedy="Set kmsKeyId to the environment's key and platformIdentifier to one that the organization's settings "
        "list under notebook_platforms.",
        judges=for_each(NOTEBOOK, is_looked_after),
    ),
)  # fmt: skip
