"""The deployer, the reviewer and releases may do what the provider plugin does for each type, the deployer what AWS
lists for it, and the reviewer what a search for drift reads."""

from __future__ import annotations

from fnmatch import fnmatchcase

from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from tests.access.cloudformation import held_for, known, left_out, listed_for
from tests.access.drift_calls import READ_BY_DRIFT, drift_calls, needed_by_drift
from tests.access.dropped_permissions import granted
from tests.access.plugin_calls import RELEASED, calls_for, reads_for

DURABLE = {
    "codecommit:DeleteRepository", "codeconnections:DeleteConnection", "cloudtrail:DeleteTrail",
    "config:DeleteConfigurationAggregator", "ecr:DeleteRepository", "glue:DeleteResourcePolicy",
    "guardduty:DeleteDetector", "macie2:DisableMacie", "sagemaker:DeleteModelPackageGroup",
    "securityhub:DeleteConfigurationPolicy", "securityhub:DeleteFindingAggregator", "securityhub:DisableSecurityHub",
}  # fmt: skip
"""Deletions of what accounts keep. They are not decommissioned."""
NOT_NEEDED = {
    "codebuild:UpdateProjectVisibility",  # a private project stays private
    "kms:EnableKey",  # no program disables a key
    "s3:DeleteObjectTagging",  # objects of programs keep their tags
}
TAGS_OF_DATABASES = {
    "rds:AddTagsToResource", "rds:RemoveTagsFromResource", "secretsmanager:TagResource", "secretsmanager:UntagResource",
}  # fmt: skip
"""A person changes tags of databases and of their secrets, like everything else of them."""


def test_the_deployer_may_make_every_call_of_the_provider_plugin():
    allowed = held_for()
    lacking = {action for type_, known in allowed.items() for action in calls_for(type_) - known}
    assert lacking - {"kms:DescribeKey"} == DURABLE | NOT_NEEDED | TAGS_OF_DATABASES
    assert sum(len(calls_for(type_)) for type_ in allowed) > 500


def test_the_reviewer_may_make_every_reading_call_of_the_provider_plugin():
    reading = {}
    for type_, calls in calls_in(CALLS_BY_KIND):
        reading.setdefault(type_, set()).update(calls.reading)
    lacking = {(type_, action) for type_, known in reading.items() for action in reads_for(type_) - known}
    assert lacking == {("aws:kms/alias:Alias", "kms:DescribeKey")}  # the key of the alias is read as a key


def test_the_reviewer_may_make_every_call_of_a_search_for_drift():
    assert {
        drift_call for drift_call in drift_calls() if not any(fnmatchcase(drift_call, held) for held in READ_BY_DRIFT)
    } == set()
    # The same operation of S3 Control has another action than that of S3.
    assert READ_BY_DRIFT - needed_by_drift() == {"s3:GetAccountPublicAccessBlock"}


def test_a_release_may_make_every_call_of_the_provider_plugin():
    held = {action for kind, _, action in granted() if kind == "use case/release"}
    called = {action for type_ in RELEASED for action in calls_for(type_)}
    assert {action for action in called if not any(fnmatchcase(action, pattern) for pattern in held)} == set()
    assert len(called) > 40


def test_the_deployer_lacks_of_what_aws_lists_for_a_type_only_what_no_stack_needs():
    assert left_out() == known(), "run `python -m tests.access.cloudformation`, and look at the difference"
    assert sum(len(held & listed_for(type_)) for type_, held in held_for().items()) > 600
