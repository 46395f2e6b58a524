"""Rules about SageMaker Studio: inside the VPC, encrypted, with named people, and only where people work."""

from __future__ import annotations

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, is_no_key_of_ours, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse

DOMAIN = ("aws:sagemaker/domain:Domain",)
USER_PROFILE = ("aws:sagemaker/userProfile:UserProfile",)
WORKPLACES = (
    *DOMAIN,
    *USER_PROFILE,
    "aws:sagemaker/space:Space",
    "aws:sagemaker/app:App",
    "aws:sagemaker/notebookInstance:NotebookInstance",
)

_WHERE_PEOPLE_WORK = ("experimentation", "development")
_MOST_TRUSTED_ACCOUNTS = 20
"""SageMaker API, DockerSettings: VpcOnlyTrustedAccounts holds at most 20 ids."""


def stays_in_the_vpc(subject: Subject) -> Verdict:
    if subject.properties.text("appNetworkAccessType") not in ("VpcOnly", UNKNOWN):
        return refuse("reaches the internet past the VPC", fix="set appNetworkAccessType to VpcOnly")
    subnets = subject.properties.items("subnetIds")
    if not isinstance(subnets, Unknown) and len(subnets or []) < 2:
        return refuse("stands in one zone or none", fix="give it a private subnet in each of at least two zones")
    return None


def encrypts_with_a_key_of_ours(subject: Subject) -> Verdict:
    if is_no_key_of_ours(subject.properties.value("kmsKeyId")):
        return refuse(
            "encrypts its volumes with the key of AWS", fix="set kmsKeyId now: a later change replaces the domain"
        )
    return None


def knows_who_works(subject: Subject) -> Verdict:
    if subject.surroundings.identity_center and subject.properties.text("authMode") not in ("SSO", UNKNOWN):
        return refuse("signs people in past Identity Center", fix="set authMode to SSO, or declare sign_in: iam")
    if subject.properties.text("domainSettings", "executionRoleIdentityConfig") not in ("USER_PROFILE_NAME", UNKNOWN):
        return refuse(
            "leaves the person's name out of the trail", fix="set executionRoleIdentityConfig to USER_PROFILE_NAME"
        )
    return None


def domain_lets_nothing_out(subject: Subject) -> Verdict:
    return _lends_docker(subject.properties) or _lets_something_out(subject.properties, "defaultUserSettings")


def profile_lets_nothing_out(subject: Subject) -> Verdict:
    return _lets_something_out(subject.properties, "userSettings")


def _lends_docker(domain: Properties) -> Verdict:
    docker = ("domainSettings", "dockerSettings")
    if domain.text(*docker, "enableDockerAccess") != "ENABLED":
        return None
    trusted = domain.items(*docker, "vpcOnlyTrustedAccounts")
    if isinstance(trusted, Unknown) or 1 <= len(trusted or []) <= _MOST_TRUSTED_ACCOUNTS:
        return None
    return refuse(
        "runs containers from anywhere", fix=f"turn Docker off, or list 1 to {_MOST_TRUSTED_ACCOUNTS} trusted accounts"
    )


def _lets_something_out(properties: Properties, settings: str) -> Verdict:
    if properties.text(settings, "canvasAppSettings", "directDeploySettings", "status") == "ENABLED":
        return refuse("lets Canvas deploy models past the pipelines", fix="set directDeploySettings to DISABLED")
    if properties.text(settings, "canvasAppSettings", "modelRegisterSettings", "status") == "ENABLED":
        return refuse("lets Canvas register models past the pipelines", fix="set modelRegisterSettings to DISABLED")
    sharing = (settings, "sharingSettings")
    shares = properties.text(*sharing, "notebookOutputOption") == "Allowed"
    if shares and lacks(properties.value(*sharing, "s3KmsKeyId")):
        return refuse(
            "shares notebook output without a key of ours",
            fix="set notebookOutputOption to Disabled or give s3KmsKeyId",
        )
    return None


def stands_where_people_work(subject: Subject) -> Verdict:
    if subject.surroundings.kind in _WHERE_PEOPLE_WORK:
        return None
    return refuse("lets people work where only pipelines do", fix=f"keep it to {' and '.join(_WHERE_PEOPLE_WORK)}")


RULES = (
    Rule(
        id="SM-01",
        title="Studio stays in the VPC",
        severity="high",
        sources=("AWS Config sagemaker-domain-in-vpc", "condition key sagemaker:AppNetworkAccessType", "EXP-01"),
        remedy="Set appNetworkAccessType to VpcOnly and give at least two private subnets; experimentation reaches the "
        "internet by its own egress, never by PublicInternetOnly.",
        judges=for_each(DOMAIN, stays_in_the_vpc),
    ),
    Rule(
        id="SM-02",
        title="Studio encrypts with the environment's own key",
        severity="high",
        sources=("CKV_AWS_187", "condition key sagemaker:VolumeKmsKey"),
        remedy="Set kmsKeyId to the environment's key when the domain is created.",
        judges=for_each(DOMAIN, encrypts_with_a_key_of_ours),
    ),
    Rule(
        id="SM-03",
        title="Studio knows who works in it",
        severity="medium",
        sources=("prowler sagemaker_domain_sso_configured", "MLSEC06-BP02"),
        remedy="Sign people in through Identity Center and set executionRoleIdentityConfig to USER_PROFILE_NAME.",
        judges=for_each(DOMAIN, knows_who_works),
    ),
    Rule(
        id="SM-04",
        title="Studio lets no image, model or output slip past the pipelines",
        severity="high",
        sources=("MLSEC03-BP02", "condition key sagemaker:DomainSharingOutputKmsKey"),
        remedy="Turn Docker off or limit it to listed accounts, turn direct deployment and registration of Canvas "
        "off, share no notebook output without a key.",
        judges=for_each(DOMAIN, domain_lets_nothing_out) | for_each(USER_PROFILE, profile_lets_nothing_out),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-05",
        title="People work in experimentation and development only",
        severity="critical",
        sources=("SCP-11", "DEV-02"),
        remedy="Remove the domain, profile, space, app or notebook from this environment.",
        judges=for_each(WORKPLACES, stands_where_people_work),
    ),
)
