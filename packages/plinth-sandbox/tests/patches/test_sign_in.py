"""Sign-in of people with IAM Identity Center: the page, the tokens, and the roles of permission sets."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config

from plinth_sandbox.directory_users import UnknownMemberError, join
from plinth_sandbox.emulator.credentials import management_keys
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.testing import REGION, EmulatedAws, refusal

VERIFIER = "v" * 43
REDIRECT = "http://127.0.0.1:8400/signed-in"
HOME = "eu-central-1"
"""Region of the instance. Other tests use the one of the sandbox."""
TABLE = "notes"
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
ENTERPRISE = "aws:identitystore:enterprise"


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory of the organization, with a permission set for a group."""

    aws: EmulatedAws
    instance: str
    store: str
    account: str
    group: str

    def client(self, service: str) -> Any:
        """Returns a client without credentials."""
        return boto3.client(
            service, endpoint_url=self.aws.url, region_name=REGION, config=Config(signature_version=UNSIGNED)
        )  # type: ignore[call-overload]

    def registered(self) -> dict[str, Any]:
        """Returns a client that may get codes and refresh tokens."""
        return dict(
            self.client("sso-oidc").register_client(
                clientName="test",
                clientType="public",
                grantTypes=["authorization_code", "refresh_token"],
                redirectUris=["http://127.0.0.1/signed-in"],
                scopes=["sso:account:access"],
            )
        )

    def page(self, method: str, **changes: str) -> urllib3.BaseHTTPResponse:
        """Asks for the page with the parameters of a client, or sends them with a user and a password."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        parameters = {
            "response_type": "code",
            "client_id": changes.pop("client_id", "") or self.registered()["clientId"],
            "redirect_uri": REDIRECT,
            "state": "abc",
            "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            **changes,
        }
        url = f"{self.aws.url}/authorize"
        if method == "GET":
            return urllib3.request("GET", f"{url}?{urlencode(parameters)}")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return urllib3.request("POST", url, body=urlencode(parameters), headers=form, redirect=False)

    def code(self, client: dict[str, Any], user: str) -> str:
        """Returns the code of a person who signs in."""
        password = password_of(user, self.aws.directory)
        answer = self.page("POST", client_id=client["clientId"], user=user, password=password)
        assert answer.status == 302, answer.data
        target = urlsplit(answer.headers["Location"])
        assert f"{target.scheme}://{target.netloc}{target.path}" == REDIRECT
        found = parse_qs(target.query)
        assert found["state"] == ["abc"]
        return found["code"][0]

    def exchanged(self, client: dict[str, Any], code: str, **changes: str) -> dict[str, Any]:
        given = {
            "clientId": client["clientId"],
            "clientSecret": client["clientSecret"],
            "grantType": "authorization_code",
            "code": code,
            "redirectUri": REDIRECT,
            "codeVerifier": VERIFIER,
        }
        return dict(self.client("sso-oidc").create_token(**{**given, **changes}))

    def token(self, user: str) -> str:
        client = self.registered()
        return str(self.exchanged(client, self.code(client, user))["accessToken"])

    def session(self, token: str) -> boto3.Session:
        issued = self.client("sso").get_role_credentials(roleName="Notes", accountId=self.account, accessToken=token)
        keys = issued["roleCredentials"]
        return boto3.Session(keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"], REGION)


@pytest.fixture(scope="module")
def people(aws: EmulatedAws, account: str) -> Directory:
    """Nora is in the group with the permission set ``Notes``, and Omar is in none."""
    center, directory = (aws.client(service, region=HOME) for service in ("sso-admin", "identitystore"))
    instance = center.list_instances()["Instances"][0]
    arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
    ids = {}
    for name in ("nora", "omar"):
        created = directory.create_user(
            IdentityStoreId=store,
            UserName=name,
            DisplayName=name,
            Name={"GivenName": name, "FamilyName": "Test"},
            Extensions={ENTERPRISE: {"department": "fraud"}},
        )
        ids[name] = created["UserId"]
    group = directory.create_group(IdentityStoreId=store, DisplayName="writers")["GroupId"]
    directory.create_group_membership(IdentityStoreId=store, GroupId=group, MemberId={"UserId": ids["nora"]})
    made = center.create_permission_set(Name="Notes", InstanceArn=arn, SessionDuration="PT2H")["PermissionSet"]
    ours = {"InstanceArn": arn, "PermissionSetArn": made["PermissionSetArn"]}
    keys = {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/team}#${aws:PrincipalTag/user}"]}
    }
    statements = [
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*", "Condition": keys},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    center.put_inline_policy_to_permission_set(**ours, InlinePolicy=policy)
    center.put_permissions_boundary_to_permission_set(**ours, PermissionsBoundary={"ManagedPolicyArn": BOUNDARY})
    attributes = {"team": "${path:enterprise.department}", "user": "${path:userName}", "title": "${path:title}"}
    center.create_instance_access_control_attribute_configuration(
        InstanceArn=arn,
        InstanceAccessControlAttributeConfiguration={
            "AccessControlAttributes": [
                {"Key": key, "Value": {"Source": [source]}} for key, source in attributes.items()
            ]
        },
    )
    center.create_account_assignment(
        **ours, PrincipalType="GROUP", PrincipalId=group, TargetType="AWS_ACCOUNT", TargetId=account
    )
    aws.client("dynamodb", account).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "who", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "who", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Directory(aws, arn, store, account, group)


def write_as(session: boto3.Session, url: str, who: str) -> None:
    session.client("dynamodb", endpoint_url=url).put_item(TableName=TABLE, Item={"who": {"S": who}})


def test_a_person_gets_a_role_whose_calls_the_permission_set_decides_also_after_a_restart(people: Directory) -> None:
    token = people.token("nora")
    sso = people.client("sso")
    (account,) = sso.list_accounts(accessToken=token)["accountList"]
    assert (account["accountId"], account["accountName"]) == (people.account, "patched")
    assert sso.list_account_roles(accessToken=token, accountId=people.account)["roleList"] == [
        {"roleName": "Notes", "accountId": people.account}
    ]
    session = people.session(token)
    for _ in range(2):
        arn = session.client("sts", endpoint_url=people.aws.url).get_caller_identity()["Arn"]
        assert arn.startswith(f"arn:aws:sts::{people.account}:assumed-role/AWSReservedSSO_Notes_")
        assert arn.endswith("/nora")
        write_as(session, people.aws.url, "fraud#nora")
        refused = refusal(write_as, session=session, url=people.aws.url, who="fraud#omar")
        assert refused == "AccessDeniedException"
        # The permission set allows it, and its boundary does not.
        assert refusal(session.client("iam", endpoint_url=people.aws.url).list_users) == "AccessDenied"
        people.aws.restart()
    assert people.session(token)


def test_a_role_is_as_the_permission_set_is_now(people: Directory) -> None:
    iam = people.aws.client("iam", people.account)
    people.session(people.token("nora"))
    (role,) = [
        candidate
        for candidate in iam.list_roles()["Roles"]
        if candidate["RoleName"].startswith("AWSReservedSSO_Notes_")
    ]
    assert role["Path"] == f"/aws-reserved/sso.amazonaws.com/{HOME}/"
    described = iam.get_role(RoleName=role["RoleName"])["Role"]
    assert described["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    assert "saml-provider" in json.dumps(described["AssumeRolePolicyDocument"])
    names = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    assert names == ["AwsSSOInlinePolicy"]


def test_who_has_no_assignment_has_no_account_and_no_credentials(people: Directory) -> None:
    token, sso = people.token("omar"), people.client("sso")
    assert sso.list_accounts(accessToken=token)["accountList"] == []
    assert refusal(sso.list_account_roles, accessToken=token, accountId=people.account) == "ForbiddenException"
    asked = {"roleName": "Notes", "accountId": people.account, "accessToken": token}
    assert refusal(sso.get_role_credentials, **asked) == "ForbiddenException"


def test_a_token_ends_with_the_sign_out_and_with_the_person(people: Directory) -> None:
    sso, directory = people.client("sso"), people.aws.client("identitystore", region=HOME)
    token = people.token("nora")
    sso.logout(accessToken=token)
    assert refusal(sso.list_accounts, accessToken=token) == "UnauthorizedException"
    assert refusal(sso.list_accounts, accessToken="somebody") == "UnauthorizedException"
    name = {"GivenName": "zoe", "FamilyName": "Test"}
    asked = {"IdentityStoreId": people.store, "UserName": "zoe", "DisplayName": "zoe", "Name": name}
    user = directory.create_user(**asked)["UserId"]
    left = people.token("zoe")
    directory.delete_user(IdentityStoreId=people.store, UserId=user)
    assert refusal(sso.list_accounts, accessToken=left) == "UnauthorizedException"


def test_a_code_is_used_once_by_its_client_with_its_verifier(people: Directory) -> None:
    client, other = people.registered(), people.registered()
    oidc = people.client("sso-oidc")
    for changes, code in (
        ({"codeVerifier": "w" * 43}, "InvalidGrantException"),
        ({"redirectUri": "http://127.0.0.1:9000/signed-in"}, "InvalidGrantException"),
        ({"clientId": other["clientId"], "clientSecret": other["clientSecret"]}, "InvalidGrantException"),
        ({"clientSecret": other["clientSecret"]}, "InvalidClientException"),
        ({"grantType": "password"}, "UnsupportedGrantTypeException"),
    ):
        fresh = people.code(client, "nora")
        assert refusal(people.exchanged, client=client, code=fresh, **changes) == code, changes
    used = people.code(client, "nora")
    tokens = people.exchanged(client, used)
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 8 * 3600)
    assert refusal(people.exchanged, client=client, code=used) == "InvalidGrantException"
    asked = {"clientId": client["clientId"], "clientSecret": client["clientSecret"], "grantType": "refresh_token"}
    again = oidc.create_token(**asked, refreshToken=tokens["refreshToken"])
    assert people.client("sso").list_accounts(accessToken=again["accessToken"])["accountList"]
    assert refusal(oidc.create_token, **asked, refreshToken=tokens["accessToken"]) == "InvalidGrantException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"clientType": "confidential"}, "InvalidClientMetadataException"),
        ({"grantTypes": ["password"]}, "UnsupportedGrantTypeException"),
        ({"scopes": ["everything"]}, "InvalidScopeException"),
        ({"redirectUris": ["https://portal.example.com/signed-in"]}, "InvalidRedirectUriException"),
        ({"redirectUris": []}, "InvalidRequestException"),
    ],
)
def test_a_client_that_the_service_does_not_accept_is_refused(
    people: Directory, changes: dict[str, Any], code: str
) -> None:
    given = {
        "clientName": "test",
        "clientType": "public",
        "grantTypes": ["authorization_code"],
        "redirectUris": ["http://127.0.0.1/signed-in"],
    }
    assert refusal(people.client("sso-oidc").register_client, **{**given, **changes}) == code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_id": "somebody"}, b"invalid_client"),
        ({"redirect_uri": "https://evil.example.com/signed-in"}, b"invalid_client"),
        ({"redirect_uri": "http://127.0.0.1:8400/other"}, b"invalid_client"),
        ({"response_type": "token"}, b"unsupported_response_type"),
        ({"code_challenge_method": "plain"}, b"unsupported_response_type"),
        ({"code_challenge": "short"}, b"invalid_request"),
    ],
)
def test_the_page_redirects_to_registered_addresses_only(
    people: Directory, changes: dict[str, str], said: bytes
) -> None:
    password = password_of("nora", people.aws.directory)
    answer = people.page("POST", user="nora", password=password, **changes)
    assert (answer.status, said in answer.data) == (400, True)


@pytest.mark.parametrize("user", ["nora", "nobody", '"><script>'])
def test_a_wrong_password_shows_the_form_again(people: Directory, user: str) -> None:
    assert b'name="password"' in people.page("GET").data
    for password in ("", "wrong", password_of("omar", people.aws.directory)):
        answer = people.page("POST", user=user, password=password, state='"><script>')
        assert answer.status == 200
        assert b"The username or password is not correct." in answer.data
        assert b"<script>" not in answer.data
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_user_joins_groups_that_the_directory_has(aws: EmulatedAws) -> None:
    center, directory = aws.client("sso-admin"), aws.client("identitystore")
    store = center.list_instances()["Instances"][0]["IdentityStoreId"]
    directory.create_group(IdentityStoreId=store, DisplayName="writers")
    user = directory.create_user(
        IdentityStoreId=store,
        UserName="paula",
        DisplayName="paula",
        Name={"GivenName": "paula", "FamilyName": "Test"},
        Extensions={ENTERPRISE: {"department": "fraud"}},
    )["UserId"]
    keys = management_keys(aws.directory)
    for _ in range(2):
        join("paula", ["writers"], aws.url, keys)
    member = {"IdentityStoreId": store, "MemberId": {"UserId": user}}
    assert len(directory.list_group_memberships_for_member(**member)["GroupMemberships"]) == 1
    for name, groups in (("nobody", []), ("paula", ["readers"])):
        with pytest.raises(UnknownMemberError):
            join(name, groups, aws.url, keys)
    described = directory.describe_user(IdentityStoreId=store, UserId=user)
    assert described["Extensions"] == {ENTERPRISE: {"department": "fraud"}}
    asked = {"IdentityStoreId": store, "UserName": "quinn", "DisplayName": "quinn", "Extensions": {"acme:own": {}}}
    asked["Name"] = {"GivenName": "quinn", "FamilyName": "Test"}
    assert refusal(directory.create_user, **asked) == "ValidationException"
