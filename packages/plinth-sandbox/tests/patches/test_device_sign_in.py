"""Sign-in of clients that no browser can be led back to: the device authorization grant of IAM Identity Center."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.services.identity_center.executor.device_codes import SECONDS, DeviceCodes
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.testing import REGION, EmulatedAws, refusal

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def rosa(aws: EmulatedAws) -> str:
    """A person of the directory."""
    center, directory = aws.client("sso-admin"), aws.client("identitystore")
    store = center.list_instances()["Instances"][0]["IdentityStoreId"]
    name = {"GivenName": "rosa", "FamilyName": "Test"}
    directory.create_user(IdentityStoreId=store, UserName="rosa", DisplayName="rosa", Name=name)
    return "rosa"


def client(aws: EmulatedAws, service: str) -> Any:
    return boto3.client(service, endpoint_url=aws.url, region_name=REGION, config=Config(signature_version=UNSIGNED))  # type: ignore[call-overload]


def registered(aws: EmulatedAws, *grants: str) -> dict[str, str]:
    """Returns the id and the secret of a client."""
    made = client(aws, "sso-oidc").register_client(
        clientName="test", clientType="public", grantTypes=list(grants or (GRANT,)), scopes=["sso:account:access"]
    )
    return {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}


def begun(aws: EmulatedAws, own: dict[str, str]) -> dict[str, Any]:
    return dict(client(aws, "sso-oidc").start_device_authorization(**own, startUrl="https://start.example.com"))


def ask(aws: EmulatedAws, own: dict[str, str], code: str) -> dict[str, Any]:
    return dict(client(aws, "sso-oidc").create_token(**own, grantType=GRANT, deviceCode=code))


def allow(aws: EmulatedAws, user_code: str, user: str, password: str | None = None) -> bytes:
    """Fills the form of the page, and returns what the page says then."""
    known = password_of(user, aws.directory) if password is None else password
    body = urlencode({"user_code": user_code, "user": user, "password": known})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return urllib3.request("POST", f"{aws.url}/device", body=body, headers=form).data


def test_a_client_gets_the_token_of_whoever_allowed_it_once(aws: EmulatedAws, rosa: str) -> None:
    own = registered(aws)
    waiting = begun(aws, own)
    assert waiting["verificationUriComplete"] == f"{waiting['verificationUri']}?user_code={waiting['userCode']}"
    assert (waiting["expiresIn"], waiting["interval"]) == (600, 1)
    assert refusal(ask, aws=aws, own=own, code=waiting["deviceCode"]) == "AuthorizationPendingException"
    assert waiting["userCode"].encode() in urllib3.request("GET", waiting["verificationUriComplete"]).data
    assert b"approved" in allow(aws, waiting["userCode"].lower(), rosa)
    token = ask(aws, own, waiting["deviceCode"])["accessToken"]
    assert client(aws, "sso").list_accounts(accessToken=token)["accountList"] == []
    assert refusal(ask, aws=aws, own=own, code=waiting["deviceCode"]) == "InvalidGrantException"


def test_a_code_is_of_its_client_and_allowed_once_with_the_password(aws: EmulatedAws, rosa: str) -> None:
    own, other = registered(aws), registered(aws)
    waiting = begun(aws, own)
    assert b"not correct" in allow(aws, waiting["userCode"], rosa, "wrong")
    for unknown in ("BBBB-BBBB", "", "\u00e9", '"><script>'):
        said = allow(aws, unknown, rosa)
        assert b"The code is not valid" in said
        assert b"<script>" not in said
    assert refusal(ask, aws=aws, own=own, code=waiting["deviceCode"]) == "AuthorizationPendingException"
    assert b"approved" in allow(aws, waiting["userCode"], rosa)
    assert b"The code is not valid" in allow(aws, waiting["userCode"], rosa)
    assert refusal(ask, aws=aws, own=other, code=waiting["deviceCode"]) == "InvalidGrantException"
    assert (
        refusal(ask, aws=aws, own={**own, "clientSecret": other["clientSecret"]}, code="") == "InvalidClientException"
    )


def test_a_client_of_other_grants_begins_none(aws: EmulatedAws) -> None:
    own = registered(aws, "refresh_token")
    assert refusal(begun, aws=aws, own=own) == "UnauthorizedClientException"
    assert refusal(ask, aws=aws, own=own, code="") == "UnauthorizedClientException"


def test_codes_expire() -> None:
    at = 0.0
    codes = DeviceCodes(lambda: at)
    code, device = codes.begin("client")
    at += SECONDS
    assert codes.with_user_code(device.user_code) is None
    with pytest.raises(AwsError) as expired:
        codes.redeem("client", code)
    assert expired.value.code == "ExpiredTokenException"
    codes.begin("client")
    assert codes.redeem("client", code) is None
