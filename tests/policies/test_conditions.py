"""The reader of condition values: which of them name a caller, a resource or a service."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.evaluation.policy_documents import _NAMES, Condition, statements
from policies.evaluation.readers import UNKNOWN, Properties
from tests.policies.case import OWN_ACCOUNT

ACCOUNT = ((OWN_ACCOUNT,), ("1*", "11111111111?", "*", "11111111111", f"{OWN_ACCOUNT}1", ""))
ORGANIZATION = (("o-acme123456",), ("o-*", "o-acme12345?", "o-acme*", "*", "o-acme", "r-acme123456", "o-acme123456/*"))
PATHS = (("o-acme123456/*", "o-acme123456/r-ab12/ou-ab12-11111111/*"), ("o-*/r-ab12/*", "*/r-ab12", "o-acme123456"))
ALIAS = (("alias/a", "alias/plinth/*/logs"), ("alias/*", "*", "a"))
EXAMPLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "aws:principalaccount",
            "aws:resourceaccount",
            "aws:sourceaccount",
            "aws:vpceaccount",
            "kms:calleraccount",
            "s3:dataaccesspointaccount",
        ),
        ACCOUNT,
    ),
    **dict.fromkeys(("aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid", "aws:vpceorgid"), ORGANIZATION),
    **dict.fromkeys(("aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"), PATHS),
    "aws:principalarn": (
        (f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/*", f"arn:aws-cn:sts::{OWN_ACCOUNT}:assumed-role/a/b"),
        ("arn:aws:iam::*:role/plinth/a", "arn:aws:iam::1*:role/a", "arn:*", f"arn:aws:s3::{OWN_ACCOUNT}:a"),
    ),
    "s3:dataaccesspointarn": (
        (f"arn:aws:s3:*:{OWN_ACCOUNT}:accesspoint/*--drop",),
        ("arn:aws:s3:*:*:accesspoint/*--drop", f"arn:aws:sqs:eu-west-1:{OWN_ACCOUNT}:a"),
    ),
    "aws:sourcearn": (
        (f"arn:aws:logs:*:{OWN_ACCOUNT}:*", f"arn:aws:s3:::data-{OWN_ACCOUNT}-eu-west-1-an"),
        (
            "arn:aws:*:*:*:*",
            "arn:aws:logs:eu-west-1:*:*",
            "arn:aws:s3:::data",
            f"arn:aws:s3:::*-{OWN_ACCOUNT}-eu-west-1-an",
            f"arn:aws:s3:::data-{OWN_ACCOUNT}-elsewhere",
        ),
    ),
    "aws:sourcevpc": (("vpc-0a1b2c3d",), ("vpc-*", "vpc-0?", "*")),
    "aws:sourcevpce": (("vpce-0a1b2c3d",), ("vpce-*", "vpce-0?", "*")),
    "iam:passedtoservice": (("sagemaker.amazonaws.com",), ("*.amazonaws.com", "s*", "sagemaker?amazonaws.com")),
    "iam:permissionsboundary": (
        (f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/*-boundary", "arn:aws:iam::*:policy/plinth/a-boundary"),
        ("arn:aws:iam::*:policy/*", "arn:aws:iam::*:policy/plinth/*", f"arn:aws:iam::{OWN_ACCOUNT}:policy/a-boundary"),
    ),
    "kms:resourcealiases": ALIAS,
    "kms:requestalias": ALIAS,
    "kms:viaservice": (
        ("s3.eu-west-1.amazonaws.com", "config.*.amazonaws.com"),
        ("*.amazonaws.com", "s?.eu-west-1.amazonaws.com", "*"),
    ),
    "aws:resourcetag/plinth:team": (("fraud", "${aws:PrincipalTag/plinth:team}"), ("f*", "*", "frau?")),
    "aws:sourceidentity": (("ana", "an*"), ("*", "?*", "")),
}
"""Values that name something and values that do not, by condition key. The last key stands for all without a form."""
NAMED = [(key, value) for key, (named, _) in EXAMPLES.items() for value in named]
UNNAMED = [(key, value) for key, (_, unnamed) in EXAMPLES.items() for value in unnamed]


def confines(key: str, *values: str, operator: str = "stringlike") -> bool:
    return Condition(operator, key, values).confines


def test_every_key_with_a_form_has_examples():
    assert set(_NAMES) <= set(EXAMPLES)


@pytest.mark.parametrize(("key", "value"), NAMED)
def test_a_value_that_names_something_confines(key, value):
    assert confines(key, value)
    assert confines(key, value, operator="foranyvalue:stringlike")


@pytest.mark.parametrize(("key", "value"), UNNAMED)
def test_a_value_that_leaves_something_open_confines_nothing(key, value):
    assert not confines(key, value)


@pytest.mark.parametrize("key", EXAMPLES)
def test_one_open_value_opens_the_condition(key):
    named, unnamed = EXAMPLES[key]
    assert not confines(key, named[0], unnamed[0])
    assert not confines(key)


@pytest.mark.parametrize("operator", ["stringlikeifexists", "forallvalues:stringlike", "stringnotlike", "null"])
def test_an_operator_that_admits_other_callers_confines_nothing(operator):
    assert not confines("aws:principalaccount", OWN_ACCOUNT, operator=operator)


@pytest.mark.parametrize(
    "condition",
    [UNKNOWN, {"StringEquals": UNKNOWN}, {"StringEquals": {"aws:PrincipalOrgID": [UNKNOWN]}}],
    ids=["block", "test", "value"],
)
def test_a_document_with_an_unknown_value_is_unknown(condition):
    """A rule checks it in the update, when the engine knows all values."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Condition": condition}
    assert statements(Properties({"policy": {"Statement": [statement]}}), "policy") is UNKNOWN


def places(statement: object) -> list[str]:
    found = statements(Properties({"policy": {"Statement": statement}}), "policy")
    return [found_statement.place for found_statement in found] if isinstance(found, list) else []


def test_a_statement_knows_its_place_in_the_document():
    assert places([{"Sid": "Read"}, "no statement", {}]) == ["/Statement/0 (Sid Read)", "/Statement/2"]
    assert places({"Sid": "Read"}) == ["/Statement (Sid Read)"]


@pytest.mark.parametrize("sid", ["", "two words", "x" * 65, "\x1b[31mRed", 7.5])
def test_a_place_repeats_no_sid_of_another_form(sid):
    assert places([{"Sid": sid}]) == ["/Statement/0"]
