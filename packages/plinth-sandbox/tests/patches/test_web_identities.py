"""AssumeRoleWithWebIdentity: which tokens of which issuers get a role."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws, TokenIssuer, refusal

GITHUB = "https://token.actions.githubusercontent.com"
HOST = GITHUB.removeprefix("https://")
AUDIENCE = "sts.amazonaws.com"
SUBJECT = "repo:acme/platform:pull_request"
ROLE = "reviews"


@pytest.fixture(scope="module")
def issuer(aws: EmulatedAws, account: str) -> TokenIssuer:
    """Registers an issuer that stands for GitHub, and creates a role that trusts one of its subjects."""
    made = TokenIssuer(GITHUB)
    aws.register(made)
    iam = aws.client("iam", account)
    provider = iam.create_open_id_connect_provider(Url=GITHUB, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{HOST}:aud": AUDIENCE, f"{HOST}:sub": [SUBJECT]}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    allowed = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="own", PolicyDocument=policy)
    return made


def sts(aws: EmulatedAws) -> Any:
    """Returns a client without credentials, as a workflow has it."""
    return boto3.client("sts", endpoint_url=aws.url, region_name=REGION, config=Config(signature_version=UNSIGNED))


def asked(account: str, token: str, role: str = ROLE) -> dict[str, str]:
    arn = f"arn:aws:iam::{account}:role/{role}"
    return {"RoleArn": arn, "RoleSessionName": "review-1", "WebIdentityToken": token}


def test_a_trusted_token_gets_the_role_whose_calls_are_judged_also_after_a_restart(
    aws: EmulatedAws, account: str, issuer: TokenIssuer
) -> None:
    answered = sts(aws).assume_role_with_web_identity(**asked(account, issuer.token(aud=AUDIENCE, sub=SUBJECT)))
    assert answered["SubjectFromWebIdentityToken"] == SUBJECT
    assert answered["Audience"] == AUDIENCE
    assert answered["Provider"] == f"arn:aws:iam::{account}:oidc-provider/{HOST}"
    issued = answered["Credentials"]
    session = boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], REGION)
    for _ in range(2):
        clients = {name: session.client(name, endpoint_url=aws.url) for name in ("sts", "s3", "iam")}
        arn = clients["sts"].get_caller_identity()["Arn"]
        assert arn == f"arn:aws:sts::{account}:assumed-role/{ROLE}/review-1"
        clients["s3"].list_buckets()
        assert refusal(clients["iam"].list_roles) == "AccessDenied"
        aws.restart()
    sts(aws).assume_role_with_web_identity(**asked(account, issuer.token(aud=AUDIENCE, sub=SUBJECT)))


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "repo:acme/other:pull_request"}, "AccessDenied"),
        ({"aud": "somebody-else"}, "InvalidIdentityToken"),
        ({"iss": "https://tokens.nobody.example.com"}, "InvalidIdentityToken"),
        ({"exp": 1_700_000_000}, "ExpiredTokenException"),
        ({"exp": None}, "InvalidIdentityToken"),
        ({"sub": ""}, "InvalidIdentityToken"),
        ({"nbf": 32_503_680_000}, "IDPRejectedClaim"),
    ],
)
def test_a_token_with_other_claims_is_refused(
    aws: EmulatedAws, account: str, issuer: TokenIssuer, claims: dict[str, Any], code: str
) -> None:
    token = issuer.token(**{"aud": AUDIENCE, "sub": SUBJECT, **claims})
    assert refusal(sts(aws).assume_role_with_web_identity, **asked(account, token)) == code


def test_a_job_of_gitlab_gets_a_role_of_its_project_and_branch_only(aws: EmulatedAws, account: str) -> None:
    """GitLab names the project, the type of the reference and the reference in the subject (GitLab Docs, "OpenID
    Connect (OIDC) Authentication Using ID Tokens")."""
    gitlab, audience = TokenIssuer("https://gitlab.com"), "https://gitlab.com"
    aws.register(gitlab)
    iam = aws.client("iam", account)
    created = iam.create_open_id_connect_provider(Url=gitlab.url, ClientIDList=[audience])
    ours = "project_path:acme/foundation:ref_type:branch:ref:main"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": created["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"gitlab.com:aud": audience, "gitlab.com:sub": ours}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="gitlab-jobs", AssumeRolePolicyDocument=document)

    def answer(subject: str, **claims: str) -> str | None:
        token = gitlab.token(**{"aud": audience, "sub": subject, **claims})
        try:
            sts(aws).assume_role_with_web_identity(**asked(account, token, "gitlab-jobs"))
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    assert answer(ours) is None
    assert answer("project_path:acme/foundation:ref_type:branch:ref:feature") == "AccessDenied"
    assert answer("project_path:acme/foundation:ref_type:tag:ref:main") == "AccessDenied"
    assert answer("project_path:other/foundation:ref_type:branch:ref:main") == "AccessDenied"
    assert answer(ours, aud="sts.amazonaws.com") == "InvalidIdentityToken"


@pytest.mark.parametrize("host", ["gitlab.com", HOST])
def test_a_role_that_admits_every_token_of_a_shared_issuer_cannot_be_created(
    aws: EmulatedAws, account: str, host: str
) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = aws.client("iam", account)
    create = {"RoleName": "everybody", "AssumeRolePolicyDocument": document}
    assert refusal(iam.create_role, **create) == "MalformedPolicyDocument"


def test_a_token_that_the_issuer_did_not_sign_is_refused(aws: EmulatedAws, account: str, issuer: TokenIssuer) -> None:
    good = issuer.token(aud=AUDIENCE, sub=SUBJECT)
    head, claims, signature = good.split(".")
    changed = issuer.token(aud=AUDIENCE, sub="repo:acme/platform:changed").split(".")[1]
    unsigned = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for token in (
        TokenIssuer(GITHUB).token(aud=AUDIENCE, sub=SUBJECT),
        TokenIssuer(GITHUB, issuer.key, "unknown").token(aud=AUDIENCE, sub=SUBJECT),
        f"{head}.{changed}.{signature}",
        f"{unsigned}.{claims}.",
        "not-a-token",
    ):
        assert refusal(sts(aws).assume_role_with_web_identity, **asked(account, token)) == "InvalidIdentityToken"


def test_a_role_that_does_not_trust_the_provider_or_does_not_exist_is_refused(
    aws: EmulatedAws, account: str, issuer: TokenIssuer
) -> None:
    aws.role("only-for-builds", "codebuild", account)
    token = issuer.token(aud=AUDIENCE, sub=SUBJECT)
    for role in ("only-for-builds", "missing", "OrganizationAccountAccessRole"):
        assert refusal(sts(aws).assume_role_with_web_identity, **asked(account, token, role)) == "AccessDenied"


def test_an_issuer_without_registered_keys_is_refused(aws: EmulatedAws, account: str) -> None:
    unknown = TokenIssuer("https://tokens.unregistered.example.com")
    aws.client("iam", account).create_open_id_connect_provider(Url=unknown.url, ClientIDList=[AUDIENCE])
    with pytest.raises(ClientError, match="Couldn't retrieve verification key"):
        sts(aws).assume_role_with_web_identity(**asked(account, unknown.token(aud=AUDIENCE, sub=SUBJECT)))
