"""Wildcards, policy variables and ARN patterns match as the IAM User Guide documents them."""

from __future__ import annotations

import pytest

from iam_evaluator.wildcards import arn_matches, equals, is_arn_pattern, malformed_variables, matches, variables

TEAM = {"aws:principaltag/team": ("fraud",)}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("*", "", True),
        ("ABC", "abc", False),
    ],
)
def test_an_asterisk_matches_any_text_and_a_question_mark_one_character(pattern, text, expected):
    assert matches(pattern, text, {}) is expected


def test_actions_are_compared_without_case():
    assert matches("S3:GET*", "s3:GetObject", {}, ignore_case=True)
    assert equals("EU-WEST-1", "eu-west-1", {}, ignore_case=True)
    assert not equals("EU-WEST-1", "eu-west-1", {})


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("*", "arn:aws:s3:::data", True),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b", True),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data", False),
        ("arn:aws:logs:*:*:log-group:x:*", "arn:aws:logs:eu-west-1:1:log-group:x:y", True),
        ("arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::fraud/a", True),
        ("arn:aws:s3:::${aws:PrincipalTag/other}/*", "arn:aws:s3:::fraud/a", False),
    ],
)
def test_an_arn_matches_part_by_part(pattern, arn, expected):
    assert arn_matches(pattern, arn, TEAM) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("*", True), ("arn:aws:s3:::data", True), ("arn:aws:s3", False), ("data/*", False)]
)
def test_a_resource_is_an_asterisk_or_an_arn_with_six_parts(text, expected):
    assert is_arn_pattern(text) is expected


def test_a_variable_with_several_values_uses_its_default():
    several = {"aws:principaltag/team": ("fraud", "churn")}
    assert equals("${aws:PrincipalTag/team, 'none'}", "none", several)
    assert not equals("${aws:PrincipalTag/team}", "fraud", several)


def test_the_variables_of_a_pattern_are_listed_without_literals():
    assert variables("${aws:username}/${*}/${aws:PrincipalTag/team, 'x'}") == ["aws:username", "aws:PrincipalTag/team"]
    assert malformed_variables("${a b}/${$}/${aws:username}") == ["a b"]
