import botocore.session
import pytest

from plinth_sandbox.emulator.services.iam import checks as identities
from plinth_sandbox.emulator.services.kms import checks as keys
from plinth_sandbox.emulator.services.organizations.patches.organizations import LONGEST_CONTENT
from settings.types.aws.document_limits import DOCUMENT_LIMITS, ORGANIZATION_POLICIES

MODELS = {
    "secret policy": ("secretsmanager", "PutResourcePolicy", "ResourcePolicy"),
    "repository policy": ("ecr", "SetRepositoryPolicy", "policyText"),
    "registry policy": ("ecr", "PutRegistryPolicy", "policyText"),
    "file system policy": ("efs", "PutFileSystemPolicy", "Policy"),
    "package repository policy": ("codeartifact", "PutDomainPermissionsPolicy", "policyDocument"),
    "search domain policy": ("opensearch", "CreateDomain", "AccessPolicies"),
    "organization resource policy": ("organizations", "PutResourcePolicy", "Content"),
    "model group policy": ("sagemaker", "PutModelPackageGroupPolicy", "ResourcePolicy"),
}
"""Service, operation and member of the documents whose limit is in a service model."""


@pytest.mark.parametrize("kind", MODELS)
def test_a_limit_that_is_in_a_service_model_equals_the_models(kind):
    service, operation, member = MODELS[kind]
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    assert DOCUMENT_LIMITS[kind].size == model.input_shape.members[member].metadata["max"]


def test_the_sandbox_refuses_guardrails_at_the_same_sizes():
    of_the_table = {type_: DOCUMENT_LIMITS[kind].size for type_, kind in ORGANIZATION_POLICIES.items()}
    assert of_the_table | LONGEST_CONTENT == of_the_table


def test_the_sandbox_refuses_documents_of_iam_and_kms_at_the_same_sizes():
    refused_above = {
        "managed policy": identities.LONGEST_MANAGED_POLICY,
        "trust policy": identities.LONGEST_TRUST_POLICY,
        "key policy": keys.LONGEST_POLICY,
        **{f"inline policies of a {kind}": size for kind, size in identities.LONGEST_INLINE_POLICIES.items()},
    }
    assert {kind: DOCUMENT_LIMITS[kind].size for kind in refused_above} == refused_above


@pytest.mark.parametrize(("kind", "size"), [("managed policy", 11), ("bucket policy", 13)])
def test_white_space_counts_except_in_documents_of_iam(kind, size):
    assert DOCUMENT_LIMITS[kind].measure('{"Sid": "é"\n}') == size + 1  # é has two bytes


def test_every_limit_has_a_source():
    assert all(limit.source for limit in DOCUMENT_LIMITS.values())
