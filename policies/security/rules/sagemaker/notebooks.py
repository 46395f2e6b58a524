"""Rules about notebook instances: inside the VPC, without root access, encrypted, on a supported platform."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

NOTEBOOK = ("aws:sagemaker/notebookInstance:NotebookInstance",)

_METADATA_VERSION = ("instanceMetadataServiceConfiguration", "minimumInstanceMetadataServiceVersion")


def runs_in_the_vpc(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("directInternetAccess") not in ("Disabled", UNKNOWN):
        return violation("has direct internet access", fix="set directInternetAccess to Disabled")
    if is_missing(properties.value("subnetId")) or is_missing(properties.value("securityGroups")):
        return violation("runs outside the VPC", fix="set subnetId to a private subnet, and securityGroups")
    return None


def has_no_root_access(resource: Resource) -> Violation | None:
    """Requires no root access, and version 2 of the instance metadata service, because version 1 exposes the role's
    credentials to server-side request forgery."""
    properties = resource.properties
    if properties.text("rootAccess") not in ("Disabled", UNKNOWN):
        return violation(
            "gives users root access", fix="set rootAccess to Disabled; lifecycle scripts still run as root"
        )
    if properties.text(*_METADATA_VERSION) not in ("2", UNKNOWN):
        return violation("allows instance metadata without a token", fix=f"set {_METADATA_VERSION[-1]} to 2")
    return None


def is_encrypted_and_supported(resource: Resource) -> Violation | None:
    """Requires a key and a listed platform. The default platform of AWS has been out of support before."""
    properties = resource.properties
    if is_not_customer_managed(properties.value("kmsKeyId")):
        return violation("does not encrypt its volume with a customer managed key", fix="set kmsKeyId")
    if properties.text("platformIdentifier") not in (*resource.context.notebook_platforms, UNKNOWN):
        return violation(
            "runs on an unsupported platform",
            fix="set platformIdentifier to one of the organization's notebook_platforms",
        )
    return None


RULES = (
    Rule(
        id="SM-06",
        title="Notebook instances run in the VPC",
        severity="high",
        sources=("FSBP SageMaker.1", "FSBP SageMaker.2", "CKV_AWS_122", "CKV_AWS_306", "cdk-nag SM1", "cdk-nag SM3",
                 "CT.SAGEMAKER.PR.1", "SCP-08"),
        remedy="Set directInternetAccess to Disabled, and give the instance a private subnet and a security group.",
        checks=for_each(NOTEBOOK, runs_in_the_vpc),
    ),
    Rule(
        id="SM-07",
        title="Notebook instances have no root access, and instance metadata needs a token",
        severity="high",
        sources=("FSBP SageMaker.3", "CKV_AWS_307", "CKV_AWS_371", "condition key sagemaker:RootAccess",
                 "condition key sagemaker:MinimumInstanceMetadataServiceVersion", "SCP-08"),
        remedy="Set rootAccess to Disabled and minimumInstanceMetadataServiceVersion to 2. Put set-up that needs root "
        "into a lifecycle configuration.",
        checks=for_each(NOTEBOOK, has_no_root_access),
    ),
    Rule(
        id="SM-08",
        title="Notebook instances use a customer managed key and a supported platform",
        severity="medium",
        sources=("FSBP SageMaker.8", "FSBP SageMaker.21", "CKV_AWS_22", "cdk-nag SM2", "SCP-09"),
        remedy="Set kmsKeyId to the environment's key, and platformIdentifier to one of notebook_platforms in the "
        "organization's settings.",
        checks=for_each(NOTEBOOK, is_encrypted_and_supported),
    ),
)  # fmt: skip
