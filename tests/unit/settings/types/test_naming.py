"""Composed names respect the limits of AWS services."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.types.error_codes import Code
from settings.types.errors import SettingsError
from settings.types.grammar import TEAM_LENGTHS, USER_NAME
from settings.types.grammar import user_name as checked_user_name
from settings.types.naming import NAME_LIMITS, name_fault, named, profile_name, studio_role


def refused(thing, *parts: str):
    with pytest.raises(SettingsError) as raised:
        named(thing, *parts)
    (fault,) = raised.value.faults
    return fault


@pytest.mark.parametrize("thing", NAME_LIMITS)
def test_a_name_at_the_limit_passes_and_one_more_character_is_refused(thing):
    most = NAME_LIMITS[thing].most
    start, end = ("/", "/") if thing == "role path" else ("a", "a")
    name = start + "a" * (most - 2) + end
    assert name_fault(thing, name) is None
    fault = name_fault(thing, start + "a" * (most - 1) + end)
    assert fault is not None
    assert fault.code is Code.NAME_TOO_LONG
    assert str(most) in fault.rule
    assert str(most + 1) in fault.rule


@pytest.mark.parametrize("thing", [thing for thing, limit in NAME_LIMITS.items() if limit.least > 1])
def test_a_name_below_the_minimum_length_is_refused(thing):
    fault = name_fault(thing, "a" * (NAME_LIMITS[thing].least - 1))
    assert fault is not None
    assert fault.code is Code.NAME_FORM
    assert str(NAME_LIMITS[thing].least) in fault.rule


def test_the_message_says_how_long_the_longest_part_may_be():
    fault = refused("permission set", "a-team-name-of-27-characters", "scientist")
    assert "has 38 characters; a permission set name has at most 32" in str(fault)
    assert "may have at most 22 characters" in fault.fix
    assert len(named("permission set", "a" * 22, "scientist")) == 32


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        ("SageMaker resource", "fraud_model"),
        ("SageMaker pipeline", "-fraud"),
        ("ECR repository", "Fraud"),
        ("state machine", "fraud.train"),
        ("account alias", "a--b"),
        ("bucket", "10.1.0.1"),
        ("bucket", "fraud.data"),
        ("bucket", "Fraud"),
        ("role", "fraud/x"),
    ],
)
def test_a_name_that_does_not_match_the_pattern_is_refused(thing, name: str):
    fault = refused(thing, name)
    assert fault.code is Code.NAME_FORM
    assert NAME_LIMITS[thing].pattern in fault.rule


@pytest.mark.parametrize(
    ("name", "affix"),
    [
        ("xn--fraud", "xn--"),
        ("sthree-fraud", "sthree-"),
        ("amzn-s3-demo-fraud", "amzn-s3-demo-"),
        ("fraud-s3alias", "-s3alias"),
        ("fraud--ol-s3", "--ol-s3"),
        ("fraud--x-s3", "--x-s3"),
        ("fraud--table-s3", "--table-s3"),
        ("fraud-an", "-an"),
    ],
)
def test_bucket_prefixes_and_suffixes_reserved_by_s3_are_refused(name: str, affix: str):
    assert affix in refused("bucket", name).rule


USER_NAMES = st.from_regex(rf"\A(?:{USER_NAME})\Z").filter(lambda name: 2 <= len(name) <= 64)


@given(st.lists(USER_NAMES, unique_by=str.casefold, min_size=2, max_size=8))
def test_people_of_any_directory_have_names_of_their_own_at_every_service(users):
    """SageMaker: 1-63 letters, digits and inner hyphens. IAM: 64 characters for the role, with the longest team."""
    names = [profile_name(checked_user_name(user)) for user in users]
    assert len({name.casefold() for name in names}) == len(users)
    for user, name in zip(users, names, strict=True):
        assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)
        role = studio_role(f"{'t' * TEAM_LENGTHS[1]}-experimentation", user)
        assert name_fault("role", role) is None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("ada", "ada"),
        ("Ana-Lopez", "Ana-Lopez"),
        ("jane.doe", "jane-doe-@"),
        ("jane.doe@acme.example", "jane-doe-@"),
        ("a-name-that-is-longer-than-a-role-allows", "a-name-that-is-l-@"),
    ],
)
def test_a_name_is_derived_only_where_the_user_name_does_not_fit_and_stays_the_same(user, name):
    start, at, _ = name.partition("@")
    found = profile_name(user)
    assert (found == start) if not at else (found.startswith(start) and found == profile_name(user.upper()))
    assert profile_name("jane.doe@acme.example") == "jane-doe-7f0da4d2"
