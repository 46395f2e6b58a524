"""The fallback store serves only what it can show later."""

import pytest

from plinth_sandbox.emulator.layers.unperformed import UNPERFORMED
from plinth_sandbox.emulator.service_operations import service_model
from plinth_sandbox.emulator.store.kept import keeps


@pytest.mark.parametrize(
    ("service", "noun"),
    [
        ("accessanalyzer", "Analyzer"),
        ("route53profiles", "ProfileAssociation"),
        ("sagemaker", "ModelPackageGroupPolicy"),
        ("sagemaker", "TrainingJob"),
        ("logs", "QueryDefinition"),
    ],
)
def test_a_resource_that_can_be_created_read_and_deleted_is_kept(service: str, noun: str) -> None:
    assert keeps(service_model(service), noun)


@pytest.mark.parametrize(
    ("service", "noun", "reason"),
    [
        ("codepipeline", "ApprovalResult", "nothing reads it"),
        ("codecommit", "Commit", "nothing deletes it"),
        ("codecommit", "File", "its creation makes a commit"),
        ("codecommit", "PullRequest", "nothing deletes it"),
        ("sagemaker", "OptimizationJob", "its creation starts work"),
        ("sagemaker", "PresignedDomainUrl", "nothing reads it"),
        ("logs", "LogGroupDeletionProtection", "another operation reads it"),
        ("lambda", "FunctionCodeSigningConfig", "moto reads it"),
        ("ec2", "Region", "nothing creates it"),
    ],
)
def test_what_nothing_shows_later_is_not_kept(service: str, noun: str, reason: str) -> None:
    assert not keeps(service_model(service), noun), reason


@pytest.mark.parametrize("service", UNPERFORMED)
def test_operations_that_nobody_performs_are_operations_of_aws(service: str) -> None:
    assert UNPERFORMED[service] <= set(service_model(service).operation_names)
