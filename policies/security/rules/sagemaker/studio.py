"""Rules about SageMaker Studio: inside the VPC, encrypted, with named users, and only in some environments."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

DOMAIN = ("aws:sagemaker/domain:Domain",)
USER_PROFILE = ("aws:sagemaker/userProfile:UserProfile",)
INTERACTIVE_TYPES = (
    *DOMAIN,
    *USER_PROFILE,
    "aws:sagemaker/space:Space",
    "aws:sagemaker/app:App",
    "aws:sagemaker/notebookInstance:NotebookInstance",
)

_INTERACTIVE_KINDS = ("experimentation", "development")
_MOST_TRUSTED_ACCOUNTS = 20
"""Most ids in VpcOnlyTrustedAccounts (SageMaker API, DockerSettings)."""


def runs_in_the_vpc(resource: Resource) -> Violation | None:
    if resource.properties.text("appNetworkAccessType") not in ("VpcOnly", UNKNOWN):
        return violation("has direct internet access", fix="set appNetworkAccessType to VpcOnly")
    subnets = resource.properties.items("subnetIds")
    if not isinstance(subnets, Unknown) and len(subnets or []) < 2:
        return violation("is in fewer than two zones", fix="give it a private subnet in each of at least two zones")
    return None


def uses_a_customer_managed_key(resource: Resource) -> Violation | None:
    if is_not_customer_managed(resource.properties.value("kmsKeyId")):
        return violation(
            "does not encrypt its volumes with a customer managed key",
            fix="set kmsKeyId now, because a later change replaces the domain",
        )
    return None


def identifies_users(resource: Resource) -> Violation | None:
    if resource.context.identity_center and resource.properties.text("authMode") not in ("SSO", UNKNOWN):
        return violation("does not use Identity Center", fix="set authMode to SSO, or declare sign_in: iam")
    if resource.properties.text("domainSettings", "executionRoleIdentityConfig") not in ("USER_PROFILE_NAME", UNKNOWN):
        return violation(
            "does not record user names in CloudTrail", fix="set executionRoleIdentityConfig to USER_PROFILE_NAME"
        )
    return None


def domain_limits_sharing(resource: Resource) -> Violation | None:
    return _check_docker(resource.properties) or _check_sharing(resource.properties, "defaultUserSettings")


def profile_limits_sharing(resource: Resource) -> Violation | None:
    return _check_sharing(resource.properties, "userSettings")


def _check_docker(domain: Properties) -> Violation | None:
    docker = ("domainSettings", "dockerSettings")
    if domain.text(*docker, "enableDockerAccess") != "ENABLED":
        return None
    trusted = domain.items(*docker, "vpcOnlyTrustedAccounts")
    if isinstance(trusted, Unknown) or 1 <= len(trusted or []) <= _MOST_TRUSTED_ACCOUNTS:
        return None
    return violation(
        "allows Docker images from any account",
        fix=f"disable Docker access, or list 1 to {_MOST_TRUSTED_ACCOUNTS} trusted accounts",
    )


def _check_sharing(properties: Properties, settings: str) -> Violation | None:
    if properties.text(settings, "canvasAppSettings", "directDeploySettings", "status") == "ENABLED":
        return violation("allows Canvas to deploy models directly", fix="set directDeploySettings to DISABLED")
    if properties.text(settings, "canvasAppSettings", "modelRegisterSettings", "status") == "ENABLED":
        return violation("allows Canvas to register models directly", fix="set modelRegisterSettings to DISABLED")
    sharing = (settings, "sharingSettings")
    shares = properties.text(*sharing, "notebookOutputOption") == "Allowed"
    if shares and is_missing(properties.value(*sharing, "s3KmsKeyId")):
        return violation(
            "shares notebook output without a customer managed key",
            fix="set notebookOutputOption to Disabled, or set s3KmsKeyId",
        )
    return None


def is_in_an_interactive_kind(resource: Resource) -> Violation | None:
    if resource.context.kind in _INTERACTIVE_KINDS:
        return None
    return violation("is a place for interactive work", fix=f"create it only in {' and '.join(_INTERACTIVE_KINDS)}")


RULES = (
    Rule(
        id="SM-01",
        title="Studio runs in the VPC",
        severity="high",
        sources=("AWS Config sagemaker-domain-in-vpc", "condition key sagemaker:AppNetworkAccessType", "EXP-01"),
        remedy="Set appNetworkAccessType to VpcOnly and give the domain at least two private subnets. Experimentation "
        "reaches the internet through its network's egress, never by PublicInternetOnly.",
        checks=for_each(DOMAIN, runs_in_the_vpc),
    ),
    Rule(
        id="SM-02",
        title="Studio is encrypted with the environment's key",
        severity="high",
        sources=("CKV_AWS_187", "condition key sagemaker:VolumeKmsKey"),
        remedy="Set kmsKeyId to the environment's key when the domain is created.",
        checks=for_each(DOMAIN, uses_a_customer_managed_key),
    ),
    Rule(
        id="SM-03",
        title="Studio identifies its users",
        severity="medium",
        sources=("prowler sagemaker_domain_sso_configured", "MLSEC06-BP02"),
        remedy="Sign people in through Identity Center and set executionRoleIdentityConfig to USER_PROFILE_NAME.",
        checks=for_each(DOMAIN, identifies_users),
    ),
    Rule(
        id="SM-04",
        title="Images, models and output leave Studio only through pipelines",
        severity="high",
        sources=("MLSEC03-BP02", "condition key sagemaker:DomainSharingOutputKmsKey"),
        remedy="Disable Docker access or limit it to listed accounts, disable direct deployment and registration in "
        "Canvas, and do not share notebook output without a customer managed key.",
        checks=for_each(DOMAIN, domain_limits_sharing) | for_each(USER_PROFILE, profile_limits_sharing),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-05",
        title="Interactive work is limited to experimentation and development",
        severity="critical",
        sources=("SCP-11", "DEV-02"),
        remedy="Remove the domain, user profile, space, app or notebook instance from this environment.",
        checks=for_each(INTERACTIVE_TYPES, is_in_an_interactive_kind),
    ),
)
