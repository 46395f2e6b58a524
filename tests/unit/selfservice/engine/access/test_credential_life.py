"""When the credentials of a shell end, and whether they last for a stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest

from selfservice.engine.access.credential_life import CredentialLife, credential_life

ENDS = "2026-11-26T12:00:00Z"
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEYS = {"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"}
SSO = """\
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
[profile platform]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = platform
[profile deployer]
role_arn = arn:aws:iam::222222222222:role/deployer
source_profile = platform
[profile old]
sso_start_url = https://acme.awsapps.com/start
[profile machine]
credential_source = Ec2InstanceMetadata
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home directory with profiles of IAM Identity Center, without tokens."""
    for variable, file in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        monkeypatch.setenv(variable, str(tmp_path / ".aws" / file))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws" / "sso" / "cache").mkdir(parents=True)
    (tmp_path / ".aws" / "config").write_text(SSO)
    return tmp_path


def write_token(home, name, **more):
    token = {"accessToken": "x", "expiresAt": ENDS, **more}
    (home / ".aws" / "sso" / "cache" / f"{sha1(name.encode()).hexdigest()}.json").write_text(json.dumps(token))


@pytest.mark.parametrize(("said", "ends"), [(ENDS, AT), ("2026-11-26T12:00:00", AT), ("soon", None), (None, None)])
def test_keys_end_when_their_variable_says_so(said, ends):
    life = credential_life(KEYS | ({} if said is None else {"AWS_CREDENTIAL_EXPIRATION": said}))
    assert (life.ends if life else None) == ends


@pytest.mark.parametrize("profile", ["platform", "deployer"])
def test_a_profile_ends_with_the_token_of_its_sign_in(home, profile):
    write_token(home, "acme")
    life = credential_life({"AWS_PROFILE": profile})
    assert life is not None
    assert life.ends == AT
    assert "aws sso login" in life.renewal


def test_a_profile_without_a_session_ends_with_the_token_of_its_address(home):
    write_token(home, "https://acme.awsapps.com/start", expiresAt="2026-11-26T12:00:00UTC")
    life = credential_life({"AWS_PROFILE": "old"})
    assert life is not None
    assert life.ends == AT


def test_credentials_that_renew_themselves_or_that_are_unknown_have_no_end(home):
    write_token(home, "acme", refreshToken="x")
    for profile in ("platform", "machine", "missing"):
        assert credential_life({"AWS_PROFILE": profile}) is None
    assert credential_life({}) is None


def test_session_keys_in_the_credentials_file_end_when_the_file_says_so(home):
    keys = f"[default]\naws_access_key_id = A\naws_secret_access_key = x\naws_session_token = x\nexpiration = {ENDS}\n"
    (home / ".aws" / "credentials").write_text(keys)
    life = credential_life({})
    assert life is not None
    assert life.ends == AT


@pytest.mark.parametrize(
    ("minutes", "seconds", "starts"),
    [(20, None, True), (10, None, False), (10, 20.0, True), (4, 20.0, False), (59, 2400.0, False), (61, 2400.0, True)],
)
def test_a_stack_starts_if_the_credentials_last_half_as_long_again_as_it_took(minutes, seconds, starts):
    life = CredentialLife(ends=AT, renewal="Export new credentials.")
    said = life.shortage("fraud", seconds, AT - timedelta(minutes=minutes))
    assert (said == "") is starts
    if not starts:
        assert said.startswith(f"fraud was not started: the AWS credentials of this shell end in {minutes} min, at ")
        assert said.endswith("Export new credentials.")


def test_credentials_that_have_ended_are_said_to_have_ended():
    assert "ended at" in CredentialLife(ends=AT, renewal="").shortage("fraud", 1.0, AT + timedelta(hours=1))
