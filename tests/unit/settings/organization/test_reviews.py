import pytest
from pydantic import ValidationError

from settings.organization.reviews import ReviewSettings

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
