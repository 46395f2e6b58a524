"""A credential in a settings file is refused, and no message ever shows it."""

import pytest

from settings.types.error_codes import Code
from settings.types.redaction import HIDDEN, holds_credential, looks_secret, shown
from tests.unit.settings.project import Project

ACCESS_KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
SECRETS = [
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    "-----BEGIN RSA PRIVATE KEY-----",
    "https://ana:hunter2@git.acme.example/x",
    "ghp_" + "a1" * 18,
    "xoxb-" + "1" * 12,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.x",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("field", ["owner", "cost_centre", "cidr"])
@pytest.mark.threat("T-07")
def test_a_credential_in_a_field_is_reported_once_and_not_shown(project: Project, secret: str, field: str):
    (fault,) = project.team(**{field: secret}).faults()
    assert (fault.code, fault.path) == (Code.SECRET_IN_PLAIN_TEXT, f"plinth:team.{field}")
    assert secret not in str(fault)
    assert "replace it where it was issued" in fault.fix


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.threat("T-07")
def test_a_credential_as_a_key_is_not_shown(project: Project, secret: str):
    faults = project.team(**{secret: "x"}).faults()
    assert faults
    assert all(secret not in str(fault) for fault in faults)


def test_the_value_of_an_unknown_field_named_like_a_secret_is_not_shown(project: Project):
    (fault,) = project.team(database_password="hunter2").faults()
    assert "hunter2" not in str(fault)


def test_an_encrypted_value_in_settings_is_refused(project: Project):
    (fault,) = project.team(cost_centre={"secure": "v1:" + "a" * 16 + ":" + "b" * 24}).faults()
    assert (fault.code, fault.path) == (Code.SECRET_IN_PLAIN_TEXT, "plinth:team.cost_centre")
    assert "contain no secrets" in fault.rule
    assert "v1:" not in str(fault)


def test_the_engines_salt_and_other_programs_encrypted_values_pass(project: Project):
    text = (project.team().directory / "environments/Pulumi.fraud.yaml").read_text()
    secure = "  aws:token:\n    secure: v1:" + "a" * 16 + ":" + "b" * 24 + "\n"
    project.team_text("encryptionsalt: v1:" + "c" * 16 + ":v1:" + "d" * 24 + "\n" + text + secure)
    assert project.faults() == ()


def test_a_plain_text_value_of_another_program_is_refused_if_its_key_names_a_secret(project: Project):
    (fault,) = project.stack("organization", {"aws:secretKey": "short"}).faults()
    assert (fault.code, fault.path) == (Code.SECRET_IN_PLAIN_TEXT, "config.aws:secretKey")
    assert "short" not in str(fault)


@pytest.mark.parametrize("secret", [secret for secret in SECRETS if secret != SECRET_ACCESS_KEY])
def test_a_credential_is_found_anywhere_in_a_long_text(secret: str):
    assert holds_credential("x " * 5000 + secret)


def test_a_text_that_may_be_a_path_is_not_certainly_a_credential():
    assert looks_secret(SECRET_ACCESS_KEY)
    assert not holds_credential(SECRET_ACCESS_KEY)


def test_a_hash_is_not_a_credential():
    assert not looks_secret("da39a3ee5e6b4b0d3255bfef95601890afd80709")
    assert shown("da39a3ee5e6b4b0d3255bfef95601890afd80709") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_a_long_value_is_truncated_to_64_characters():
    assert shown("a" * 65) == "a" * 64 + "…"
    assert shown("a" * 64) == "a" * 64


def test_a_value_under_a_key_that_names_a_secret_is_not_shown():
    assert shown("4711", under=("tags", "api_token")) == HIDDEN
    assert shown("4711", under=("tags", "area")) == "4711"


def test_a_tag_named_like_a_secret_is_refused_without_showing_its_value(project: Project):
    (fault,) = project.team(tags={"api_token": 4711}).faults()
    assert (fault.code, fault.path) == (Code.SECRET_IN_PLAIN_TEXT, "plinth:team.tags.api_token")
    assert "4711" not in str(fault)


def test_an_unusual_value_is_escaped():
    assert shown("a\x1b[31m<b>") == '"a\\x1b[31m\\x3cb>"'
    assert shown(SECRET_ACCESS_KEY) == HIDDEN
