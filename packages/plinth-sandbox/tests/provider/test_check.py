"""Inputs are checked before any operation, and every error names its property."""

from __future__ import annotations

import pytest

from plinth_sandbox.provider.entry import entry_of
from plinth_sandbox.provider.errors import UnknownTypeError
from plinth_sandbox.provider.properties.check import check_resource
from plinth_sandbox.provider.rpc.wire import UNKNOWN

KEY = "aws:kms/key:Key"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def faults(token: str, inputs: dict[str, object]) -> dict[str, str]:
    return {failure.path: failure.reason for failure in check_resource(entry_of(token), inputs)}


def test_inputs_of_the_right_names_and_types_pass():
    assert faults(KEY, {"description": "a", "enableKeyRotation": True, "deletionWindowInDays": 7, "tags": {}}) == {}


def test_a_misspelt_property_is_refused_with_a_suggestion():
    assert faults(KEY, {"descripton": "a"}) == {"descripton": "no such property (did you mean description?)"}


def test_a_missing_required_property_is_refused():
    assert faults("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b"}) == {
        "policy": "missing: this property is required"
    }


def test_errors_in_nested_properties_have_their_path():
    rules = [{"applyServerSideEncryptionByDefault": {"kmsMasterKeyId": 7}}, {"bucketKeyEnabled": "yes"}]
    assert faults(ENCRYPTION, {"bucket": "b", "rules": rules}) == {
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "missing: this property is required",
        "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId": "expected string, got number",
        "rules[1].bucketKeyEnabled": "expected boolean, got string",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"deletionWindowInDays": "7"}, "expected integer, got string"),
        ({"deletionWindowInDays": True}, "expected integer, got boolean"),
        ({"deletionWindowInDays": 7.5}, "expected integer, got number"),
        ({"enableKeyRotation": 1}, "expected boolean, got number"),
        ({"description": ["a"]}, "expected string, got list"),
        ({"tags": "a"}, "expected map of string, got string"),
    ],
)
def test_a_value_of_another_type_is_refused(value: dict[str, object], expected: str):
    assert list(faults(KEY, value).values()) == [expected]


def test_a_value_in_a_map_of_another_type_is_refused_by_its_key():
    assert faults(KEY, {"tags": {"a": 1}}) == {"tags.a": "expected string, got number"}


def test_no_error_contains_a_value_because_it_may_be_secret():
    assert all("hunter2" not in reason for reason in faults(KEY, {"deletionWindowInDays": "hunter2"}).values())


def test_unknown_values_pass_the_check():
    assert faults(KEY, {"deletionWindowInDays": UNKNOWN, "tags": {"a": UNKNOWN}}) == {}


def test_a_property_that_the_vendor_knows_and_the_provider_catalog_does_not_says_where_to_add_it():
    reason = faults("aws:s3/bucket:Bucket", {"website": {"indexDocument": "index.html"}})["website"]
    assert "add it to the entry in s3.py of plinth_sandbox.provider.catalog" in reason


def test_a_type_that_the_provider_catalog_does_not_have_says_where_to_add_it():
    with pytest.raises(UnknownTypeError, match=r"s3\.py of plinth_sandbox\.provider\.catalog,"):
        entry_of("aws:s3/bucketMetric:BucketMetric")
    with pytest.raises(UnknownTypeError, match=r"emr\.py of plinth_sandbox\.provider\.catalog,"):
        entry_of("aws:emr/cluster:Cluster")
