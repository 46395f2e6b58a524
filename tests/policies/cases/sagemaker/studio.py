"""Cases of policies/security/rules/sagemaker/studio.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import StackContext
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Situation, but

INTERACTIVE = (
    "aws:sagemaker/domain:Domain",
    "aws:sagemaker/userProfile:UserProfile",
    "aws:sagemaker/space:Space",
    "aws:sagemaker/app:App",
    "aws:sagemaker/notebookInstance:NotebookInstance",
)


KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
DOCKER = "domainSettings.dockerSettings"
ACCOUNTS = [f"{number:012}" for number in range(21)]

DOMAINS = [
    case
    for type_ in ("aws:sagemaker/domain:Domain",)
    for case in (
        Case(
            rule="SM-01",
            type=type_,
            compliant=Situation(inputs={"appNetworkAccessType": "VpcOnly", "subnetIds": ["subnet-1", "subnet-2"]}),
            refused={
                "reaches the internet": but({"appNetworkAccessType": "PublicInternetOnly"}),
                "is in one subnet": but({"subnetIds": [UNKNOWN]}),
                "is in no subnet": but({"subnetIds": []}),
            },
            accepted={"is in three subnets": but({"subnetIds": [UNKNOWN, UNKNOWN, "subnet-3"]})},
        ),
        Case(
            rule="SM-02",
            type=type_,
            compliant=Situation(inputs={"kmsKeyId": KEY}),
            refused={
                "has an empty key": but({"kmsKeyId": ""}),
                "names the key of AWS": but({"kmsKeyId": "alias/aws/elasticfilesystem"}),
            },
        ),
        Case(
            rule="SM-03",
            type=type_,
            compliant=Situation(
                inputs={
                    "authMode": "SSO",
                    "domainSettings": {"executionRoleIdentityConfig": "USER_PROFILE_NAME"},
                }
            ),
            refused={
                "signs people in with IAM": but({"authMode": "IAM"}),
                "leaves names out of the trail": but({"domainSettings.executionRoleIdentityConfig": "DISABLED"}),
                "leaves names out of the trail where people sign in with IAM": but(
                    {"authMode": "IAM", "domainSettings": ABSENT}, identity_center=False
                ),
            },
            accepted={"signs people in with IAM as declared": but({"authMode": "IAM"}, identity_center=False)},
        ),
        Case(
            rule="SM-04",
            type=type_,
            compliant=Situation(
                inputs={"domainSettings": {"dockerSettings": {"enableDockerAccess": "DISABLED"}}},
            ),
            optional=frozenset({"domainSettings", DOCKER, f"{DOCKER}.enableDockerAccess"}),
            refused={
                "runs any container": but({f"{DOCKER}.enableDockerAccess": "ENABLED"}),
                "trusts an empty list of accounts": but(
                    {f"{DOCKER}.enableDockerAccess": "ENABLED", f"{DOCKER}.vpcOnlyTrustedAccounts": []}
                ),
                "trusts more accounts than the service takes": but(
                    {f"{DOCKER}.enableDockerAccess": "ENABLED", f"{DOCKER}.vpcOnlyTrustedAccounts": ACCOUNTS}
                ),
                "lets Canvas deploy": but(
                    {"defaultUserSettings.canvasAppSettings": {"directDeploySettings": {"status": "ENABLED"}}}
                ),
                "lets Canvas register models": but(
                    {"defaultUserSettings.canvasAppSettings": {"modelRegisterSettings": {"status": "ENABLED"}}}
                ),
                "shares notebook output without a key": but(
                    {"defaultUserSettings.sharingSettings": {"notebookOutputOption": "Allowed"}}
                ),
            },
            accepted={
                "trusts one account": but(
                    {f"{DOCKER}.enableDockerAccess": "ENABLED", f"{DOCKER}.vpcOnlyTrustedAccounts": [UNKNOWN]}
                ),
                "trusts as many accounts as the service takes": but(
                    {f"{DOCKER}.enableDockerAccess": "ENABLED", f"{DOCKER}.vpcOnlyTrustedAccounts": ACCOUNTS[:20]}
                ),
                "trusts unknown accounts": but(
                    {f"{DOCKER}.enableDockerAccess": "ENABLED", f"{DOCKER}.vpcOnlyTrustedAccounts": UNKNOWN}
                ),
                "shares notebook output with a key": but(
                    {"defaultUserSettings.sharingSettings": {"notebookOutputOption": "Allowed", "s3KmsKeyId": UNKNOWN}}
                ),
            },
        ),
    )
]
PROFILES = [
    Case(
        rule="SM-04",
        type=type_,
        compliant=Situation(inputs={"userSettings": {"sharingSettings": {"notebookOutputOption": "Disabled"}}}),
        optional=frozenset(
            {
                "userSettings",
                "userSettings.sharingSettings",
                "userSettings.sharingSettings.notebookOutputOption",
            }
        ),
        refused={
            "shares notebook output without a key": but(
                {"userSettings.sharingSettings.notebookOutputOption": "Allowed"}
            ),
            "lets Canvas deploy": but(
                {"userSettings.canvasAppSettings": {"directDeploySettings": {"status": "ENABLED"}}}
            ),
            "lets Canvas register models": but(
                {"userSettings.canvasAppSettings": {"modelRegisterSettings": {"status": "ENABLED"}}}
            ),
        },
    )
    for type_ in ("aws:sagemaker/userProfile:UserProfile",)
]
INTERACTIVE_TYPES = [
    Case(
        rule="SM-05",
        type=type_,
        compliant=Situation(inputs={}, context=StackContext(kind="development")),
        refused={
            f"is in {kind}": but(kind=kind)
            for kind in ("preproduction", "production", "tooling", "data-lake", "organization", "team")
        },
        accepted={"is in experimentation": but(kind="experimentation")},
    )
    for type_ in INTERACTIVE
]

CASES = [*DOMAINS, *PROFILES, *INTERACTIVE_TYPES]
