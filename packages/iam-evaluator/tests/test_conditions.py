"""Condition operators match AWS's documentation, and anything unsupported is an error."""

from __future__ import annotations

import json

import pytest

from iam_evaluator.conditions import Condition
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource

ARN, ACCOUNT, TAGS = "aws:PrincipalArn", "aws:ResourceAccount", "aws:TagKeys"
ROLE = "arn:aws:iam::111111111111:role/plinth/worker"

# Operator, key, policy values, and whether the condition holds for each request value. None stands for an absent key.
SINGLE_VALUES = [
    ("StringEquals", ACCOUNT, ["a", "b"], {"a": True, "b": True, "A": False, "c": False, None: False}),
    ("StringEqualsIfExists", ACCOUNT, ["a"], {"a": True, "c": False, None: True}),
    ("StringNotEquals", ACCOUNT, ["a", "b"], {"a": False, "b": False, "c": True, None: True}),
    ("StringNotEqualsIfExists", ACCOUNT, ["a"], {"a": False, "c": True, None: True}),
    ("StringEqualsIgnoreCase", ACCOUNT, ["aB"], {"Ab": True, "c": False, None: False}),
    ("StringNotEqualsIgnoreCase", ACCOUNT, ["aB"], {"Ab": False, "c": True, None: True}),
    ("StringLike", ACCOUNT, ["a*", "?x"], {"abc": True, "bx": True, "bax": False, None: False}),
    ("StringNotLike", ACCOUNT, ["a*", "?x"], {"abc": False, "bx": False, "bax": True, None: True}),
    ("StringEquals", ACCOUNT, ["a*"], {"a*": True, "ab": False}),
    ("ArnLike", ARN, ["arn:aws:iam::*:role/plinth/*"], {ROLE: True, ROLE.replace("plinth", "x"): False, None: False}),
    ("ArnEquals", ARN, ["arn:aws:iam::*:role/plinth/*"], {ROLE: True, None: False}),
    ("ArnNotLike", ARN, ["arn:aws:iam::*:role/plinth/*"], {ROLE: False, "arn:aws:iam::1:role/x": True, None: True}),
    ("ArnNotEquals", ARN, [ROLE], {ROLE: False, ROLE + "s": True, None: True}),
    ("ArnLikeIfExists", ARN, [ROLE], {ROLE: True, ROLE + "s": False, None: True}),
    ("Bool", "aws:SecureTransport", ["false"], {"false": True, "true": False, None: False}),
    ("BoolIfExists", "aws:SecureTransport", ["false"], {"false": True, "true": False, None: True}),
    ("NumericLessThan", "s3:TlsVersion", ["1.2"], {"1.1": True, "1.2": False, "1.3": False, None: False}),
    ("NumericLessThanEquals", "s3:TlsVersion", ["1.2"], {"1.2": True, "1.3": False, None: False}),
    ("NumericGreaterThan", "sagemaker:MaxRuntimeInSeconds", ["60"], {"61": True, "60": False, "7": False}),
    ("NumericGreaterThanEquals", "sagemaker:MaxRuntimeInSeconds", ["60"], {"60": True, "59": False}),
    ("NumericGreaterThanIfExists", "sagemaker:MaxRuntimeInSeconds", ["60"], {"61": True, "60": False, None: True}),
    ("NumericEquals", "s3:TlsVersion", ["1.20"], {"1.2": True, "1.3": False, None: False}),
    ("NumericNotEquals", "s3:TlsVersion", ["1.2"], {"1.2": False, "1.3": True, None: True}),
    ("DateLessThan", "aws:CurrentTime", ["2026-01-01T00:00:00Z"], {"1766620800": True, "2026-02-01T00:00:00Z": False}),
    ("DateGreaterThan", "aws:CurrentTime", ["2026-01-01T00:00:00Z"], {"2026-02-01T00:00:00Z": True, None: False}),
    ("DateEquals", "aws:CurrentTime", ["2026-01-01T00:00:00Z"], {"2026-01-01T01:00:00+01:00": True, None: False}),
    ("IpAddress", "aws:SourceIp", ["198.51.100.0/24"], {"198.51.100.7": True, "198.51.101.7": False, None: False}),
    ("NotIpAddress", "aws:SourceIp", ["198.51.100.0/24"], {"198.51.100.7": False, "203.0.113.1": True, None: True}),
    ("NotIpAddressIfExists", "aws:SourceIp", ["198.51.100.0/24"], {"203.0.113.1": True, None: True}),
    ("Null", ACCOUNT, ["true"], {"a": False, None: True}),
    ("Null", ACCOUNT, ["false"], {"a": True, None: False}),
]
MANY_VALUES = [
    ("ForAllValues:StringEquals", ["a", "b"], {("a",): True, ("a", "b"): True, ("a", "c"): False, (): True}),
    ("ForAllValues:StringNotEquals", ["a"], {("b", "c"): True, ("a", "b"): False, (): True}),
    ("ForAnyValue:StringEquals", ["a", "b"], {("a", "c"): True, ("c",): False, (): False}),
    ("ForAnyValue:StringNotEquals", ["a"], {("a", "c"): True, ("a",): False, (): False}),
    ("ForAnyValue:StringLike", ["a*"], {("b", "ax"): True, ("b",): False, (): False}),
    ("ForAnyValue:StringEqualsIfExists", ["a"], {("a",): True, ("b",): False, (): True}),
    ("Null", ["true"], {("a",): False, (): True}),
]


SINGLE_CASES = [
    (operator, key, written, () if found is None else (found,), holds)
    for operator, key, written, outcomes in SINGLE_VALUES
    for found, holds in outcomes.items()
]
MANY_CASES = [
    (operator, TAGS, written, values, holds)
    for operator, written, outcomes in MANY_VALUES
    for values, holds in outcomes.items()
]


@pytest.mark.parametrize(("operator", "key", "written", "found", "holds"), [*SINGLE_CASES, *MANY_CASES])
def test_a_condition_holds_as_documented(operator, key, written, found, holds):
    condition = Condition(operator, key, tuple(written))
    assert list(condition.unsupported()) == []
    assert condition.holds({key.lower(): found}) is holds


# Policy value, context keys, request value, and whether they match.
VARIABLES = [
    ("${aws:PrincipalTag/team}-*", {"aws:principaltag/team": ("fraud",)}, "fraud-data", True),
    ("${aws:PrincipalTag/team}-*", {"aws:principaltag/team": ("churn",)}, "fraud-data", False),
    ("${aws:PrincipalTag/team}-*", {}, "fraud-data", False),
    ("${aws:PrincipalTag/team, 'fraud'}-*", {}, "fraud-data", True),
    ("${aws:PrincipalTag/team}", {"aws:principaltag/team": ("*",)}, "anything", False),
    ("${*}", {}, "*", True),
    ("${*}", {}, "x", False),
]


@pytest.mark.parametrize(("written", "context", "found", "holds"), VARIABLES)
def test_the_value_of_a_policy_variable_is_literal(written, context, found, holds):
    condition = Condition("StringLike", ACCOUNT, (written,))
    assert list(condition.unsupported()) == []
    assert condition.holds({ACCOUNT.lower(): (found,), **context}) is holds


def test_an_arn_can_contain_a_variable():
    profile = "arn:aws:sagemaker:eu-west-1:111111111111:user-profile/"
    condition = Condition("ArnLike", "sagemaker:OwnerUserProfileArn", (profile + "d-1/${sagemaker:UserProfileName}",))
    context = {"sagemaker:userprofilename": ("ada",), "sagemaker:owneruserprofilearn": (profile + "d-1/ada",)}
    assert condition.holds(context)
    assert not condition.holds(context | {"sagemaker:userprofilename": ("bob",)})


def test_a_wildcard_matches_only_within_one_part_of_an_arn():
    condition = Condition("ArnLike", ARN, ("arn:aws:iam::1*:role/x",))
    assert condition.holds({ARN.lower(): ("arn:aws:iam::111111111111:role/x",)})
    assert not condition.holds({ARN.lower(): ("arn:aws:iam::1:user:role/x",)})


UNKNOWN = [
    ("StringMatches", ACCOUNT, "condition operator StringMatches"),
    ("ForSomeValues:StringLike", TAGS, "condition operator ForSomeValues:StringLike"),
    ("BinaryEquals", ACCOUNT, "condition operator BinaryEquals"),
    ("StringEquals", "aws:PrincipleOrgID", "condition key aws:PrincipleOrgID"),
    ("Bool", ACCOUNT, "condition operator Bool on aws:ResourceAccount, which is a string"),
    ("ArnLike", ACCOUNT, "condition operator ArnLike on aws:ResourceAccount, which is a string"),
    (
        "StringEquals",
        TAGS,
        "condition operator StringEquals on aws:TagKeys, which is multivalued and needs a set operator",
    ),
]


@pytest.mark.parametrize(("operator", "key", "named"), UNKNOWN)
def test_an_unsupported_condition_is_an_error_that_names_it(operator, key, named):
    condition = {operator: {key: "arn:aws:iam::111111111111:role/x"}}
    unknown = {"Sid": "Odd", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    with pytest.raises(UnsupportedError) as raised:
        Policy.parse("guardrail", json.dumps({"Version": "2012-10-17", "Statement": [unknown]}))
    assert f"guardrail, Odd: {named}" in raised.value.what


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ({"Effekt": "Deny"}, "element Effekt"),
        ({"Effect": "Refuse"}, "effect Refuse"),
        ({"NotAction": "*"}, "needs either Action or NotAction"),
        ({"Resource": "bucket/*"}, "resource bucket/*"),
        ({"Principal": {"Robot": "x"}}, "principal of kind Robot"),
        ({"Condition": {"StringEquals": {ACCOUNT: "${a b}"}}}, "policy variable a b"),
        ({"Condition": {"StringEquals": {ACCOUNT: "${aws:Nobody}"}}}, "policy variable aws:Nobody"),
        ({"Condition": {"Null": {ACCOUNT: "maybe"}}}, "Null on aws:ResourceAccount: maybe"),
        ({"Condition": {"ArnLike": {ARN: "role/x"}}}, "ARN role/x for aws:PrincipalArn"),
    ],
)
def test_an_invalid_statement_is_an_error_that_names_it(statement, named):
    body = {"Sid": "Odd", "Effect": "Deny", "Action": "*", "Resource": "*"} | statement
    with pytest.raises(UnsupportedError, match="does not support") as raised:
        Policy.parse("guardrail", json.dumps({"Statement": body, "Comment": "x"}))
    assert raised.value.what == ("guardrail: element Comment", f"guardrail, Odd: {named}")


def test_a_request_with_an_unknown_key_is_an_error():
    account = Account(id="111111111111")
    request = Request(
        principal=Principal(name="worker", account=account, role_arn=ROLE),
        action="s3:GetObject",
        resource=Resource(arn="arn:aws:s3:::data/table", account=account),
        extra={"s3:TlsVersoin": ("1.3",)},
    )
    with pytest.raises(UnsupportedError, match="condition key s3:TlsVersoin of a request"):
        request.context()


@pytest.mark.parametrize(
    ("arn", "found"),
    [("arn:aws:ec2:eu-west-1:111111111111:security-group/sg-1", ("web",)), ("arn:aws:s3:::bucket", None)],
)
def test_ec2_has_a_key_of_its_own_for_the_tags_of_its_resources(arn, found):
    account = Account(id="111111111111")
    principal = Principal(name="worker", account=account, role_arn=ROLE)
    resource = Resource(arn=arn, account=account, tags={"Name": "web"})
    context = Request(principal=principal, action="ec2:DeleteSecurityGroup", resource=resource).context()
    assert context["aws:resourcetag/name"] == ("web",)
    assert context.get("ec2:resourcetag/name") == found
