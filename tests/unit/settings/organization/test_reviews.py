import pytest
from pydantic import ValidationError

from settings.organization.reviews import GithubSettings, ReviewSettings

KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_reviews_have_no_access_to_a_bucket_unless_it_is_named():
    assert ReviewSettings() == ReviewSettings(state_bucket=None, state_keys=())
    assert ReviewSettings(state_bucket="acme-states", state_keys=[KEY]).state_keys == (KEY,)


@pytest.mark.parametrize(
    "name", ["s3://acme-states", "Acme", "ab", "a" * 64, "acme..states", "acme/states", "*", "acme-*"]
)
def test_the_bucket_of_states_is_a_name(name):
    with pytest.raises(ValidationError):
        ReviewSettings(state_bucket=name)


@pytest.mark.parametrize(
    "arn", ["*", "alias/states", KEY.replace("key/", "alias/"), KEY.replace("123456789012", "*"), f"{KEY}*"]
)
def test_keys_of_states_are_named_exactly(arn):
    with pytest.raises(ValidationError):
        ReviewSettings(state_keys=[arn])


def test_a_repository_is_trusted_for_its_pull_requests_and_its_branch():
    assert GithubSettings(repository="acme/foundation").subjects == (
        "repo:acme/foundation:pull_request",
        "repo:acme/foundation:ref:refs/heads/main",
    )


def test_ids_of_owner_and_repository_are_part_of_the_subjects():
    settings = GithubSettings(
        repository="acme/foundation",
        ids={"owner": 123456, "repository": 456789},
        branch="release/2",
        environment="review",
    )
    assert settings.subjects == (
        "repo:acme@123456/foundation@456789:pull_request",
        "repo:acme@123456/foundation@456789:ref:refs/heads/release/2",
        "repo:acme@123456/foundation@456789:environment:review",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "acme/*"},
        {"repository": "*/foundation"},
        {"repository": "acme"},
        {"repository": "acme/all/foundation"},
        {"repository": "github.com/acme/foundation"},
        {"repository": "acme/foundation.git"},
        {"repository": "acme@1/foundation@2"},
        {"repository": "acme:x/foundation"},
        {"branch": "*"},
        {"branch": "release/*"},
        {"branch": "main:environment:production"},
        {"environment": "*"},
        {"environment": "review:x"},
        {"ids": {"owner": 1}},
        {"ids": {"owner": 0, "repository": 1}},
    ],
    ids=str,
)
def test_patterns_and_parts_of_other_subjects_are_refused(wrong):
    with pytest.raises(ValidationError):
        GithubSettings(**{"repository": "acme/foundation", **wrong})
