"""Actions, resources and condition keys of policies exist in AWS. AWS accepts a misspelt one, which has no effect."""

import pytest

from components.identity.deployer.authorization import WITHOUT_RESOURCE, is_read_only
from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from policies.security.rules.identity.permissions import WITHOUT_RESOURCE_LEVEL
from tests.support.service_authorization import KNOWN, actions, findings, overlap

CALLS = sorted({action for _, calls in calls_in(CALLS_BY_KIND) for action in (*calls.allowed, *calls.reserved)})
BUCKET = "arn:aws:s3:::data"


def test_every_action_of_the_deployer_exists_in_aws():
    assert [action for action in CALLS if len(actions(action)) != 1] == []


def test_the_deployer_names_no_resource_exactly_for_the_actions_that_accept_none():
    """A statement with a resource grants nothing for an action that accepts none."""
    changing = {action for action in CALLS if not is_read_only(action)}
    assert {action for action in changing if not actions(action)[0].resources} - WITHOUT_RESOURCE == set()
    assert {action for action in WITHOUT_RESOURCE if actions(action)[0].resources} == set()


def test_the_rule_about_wide_permissions_exempts_only_actions_that_accept_no_resource():
    exempt = {pattern: actions(pattern) for pattern in WITHOUT_RESOURCE_LEVEL}
    assert {pattern for pattern, matching in exempt.items() if not matching} == set()
    narrower = {action.name for matching in exempt.values() for action in matching if action.resources}
    assert narrower == set()


def statement(action, resource="*", effect="Allow", **conditions):
    return {"Sid": "Planted", "Effect": effect, "Action": action, "Resource": resource, "Condition": conditions}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (statement("s3:GetObjekt"), ["s3:GetObjekt is no action"]),
        (statement("s4:GetObject"), ["s4:GetObject is no action"]),
        (statement("s3:Fetch*"), ["s3:Fetch* is no action"]),
        (statement("glue:CreateCrawler", "arn:aws:glue:*:1:*"), [
            "glue:CreateCrawler accepts only the resource *",
            "arn:aws:glue:*:1:* fits none of the actions of Planted",
        ]),
        (statement("s3:GetObject", BUCKET), [
            f"s3:GetObject does not apply to {BUCKET}",
            f"{BUCKET} fits none of the actions of Planted",
        ]),
        (statement(["s3:GetObject", "s3:ListBucket"], f"{BUCKET}/*"), [
            f"s3:ListBucket does not apply to {BUCKET}/*",
        ]),
        (statement("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:1:endpoint/*"), [
            "sagemaker:CreateEndpoint also requires arn:*:sagemaker:*:*:endpoint-config/*",
        ]),
        (statement("s3:ListBucket", StringLike={"s3:prefixes": "a"}), ["s3:prefixes is no condition key"]),
        (statement("s3:GetObject", StringLike={"s3:prefix": "a"}), ["s3:GetObject does not support s3:prefix"]),
        (statement("ses:Send*", effect="Deny", StringLike={"ses:Recipients": "a"}), [
            "ses:SendBounce does not support ses:Recipients",
            "ses:SendBulkEmail does not support ses:Recipients",
            "ses:SendCustomVerificationEmail does not support ses:Recipients",
        ]),
    ],
)  # fmt: skip
def test_what_cannot_match_a_request_is_found(planted, found):
    assert sorted(findings(planted, is_identity_policy=True)) == sorted(found)


@pytest.mark.parametrize(
    "sound",
    [
        statement("*", "arn:aws:s3:::data"),
        statement("glue:CreateCrawler"),
        statement(["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"]),
        statement("s3:GetObject", f"{BUCKET}/${{aws:PrincipalTag/plinth:team}}/*"),
        statement("s3:GetObject", StringEquals={"aws:PrincipalOrgID": "o-1", "aws:PrincipalTag/plinth:team": "a"}),
        statement("s3:GetObject", StringLikeIfExists={"s3:prefix": "a"}),
        statement("ses:Send*", StringLike={"ses:Recipients": "a"}),
        statement("glue:ShareResource"),
        {"Sid": "Planted", "Effect": "Deny", "NotAction": ["s3:*", "kms:Describe*"], "Resource": "*"},
    ],
)
def test_a_sound_statement_has_no_findings(sound):
    assert list(findings(sound, is_identity_policy=True)) == []


def test_known_errors_of_the_data_have_reasons():
    assert all(reason.endswith(".") for reason in KNOWN.values())


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("arn:*:s3:::*", "arn:aws:s3:::data", True),
        ("arn:*:s3:::*/*", "arn:aws:s3:::data", False),
        ("a*c", "*b*", True),
        ("a*c", "*b", False),
        ("a?c", "ab*", True),
        ("a?c", "a?", False),
        ("*", "", True),
        ("", "*a", False),
    ],
)
def test_patterns_overlap_if_a_text_matches_both(one, other, common):
    assert overlap(one, other) is overlap(other, one) is common
