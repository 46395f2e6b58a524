"""Validation of upstream outputs by output contracts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stacks.shared.outputs import EnvironmentOutputs, OrganizationOutputs, TeamOutputs

ENVIRONMENT = {
    "account_id": "111122223333",
    "region": "eu-west-1",
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "key_arn": "arn:aws:kms:eu-west-1:111122223333:key/k",
    "bucket_name": "b",
    "bucket_arn": "arn:aws:s3:::b",
    "access_log_bucket_name": "logs",
    "workload_security_group_id": "sg-1",
    "studio_security_group_id": None,
    "permissions_boundary_arn": "arn:aws:iam::111122223333:policy/p",
    "role_arns": {"reader": "arn:aws:iam::111122223333:role/r"},
    "spark_application_id": None,
    "api_endpoint_id": None,
}
ORGANIZATION = {
    "organization_id": "o-abcdefghij",
    "root_id": "r-ab12",
    "management_account_id": "111122223333",
    "organizational_units": {"Security": "ou-ab12-12345678"},
    "accounts": {"audit": "111122223333"},
    "guardrails": {},
}


def test_outputs_are_validated_in_the_form_that_the_engine_returns():
    outputs = EnvironmentOutputs.validate(ENVIRONMENT)
    assert outputs["private_subnet_ids"] == ("subnet-1", "subnet-2")
    assert OrganizationOutputs.validate(ORGANIZATION)["accounts"] == {"audit": "111122223333"}


def test_an_attribute_has_the_name_of_an_output():
    assert EnvironmentOutputs.output_names() == tuple(ENVIRONMENT)
    assert OrganizationOutputs.output_names() == tuple(ORGANIZATION)
    assert TeamOutputs.output_names() == ("organizational_units", "accounts")


def test_outputs_of_a_newer_program_are_ignored():
    assert EnvironmentOutputs.validate({**ENVIRONMENT, "added_later": 1})["vpc_id"] == "vpc-1"


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("r-ab12", "is a root id, not an organizational unit id"),
        ("o-abcdefghij", "is an organization id, not an organizational unit id"),
        ("ou-ab12", "is not an organizational unit id"),
    ],
)
def test_an_id_of_another_kind_is_no_organizational_unit(unit: str, says: str):
    with pytest.raises(ValidationError, match=says):
        OrganizationOutputs.validate({**ORGANIZATION, "organizational_units": {"Security": unit}})


def test_a_missing_output_and_an_unknown_kind_are_errors():
    with pytest.raises(ValidationError, match="vpc_id"):
        EnvironmentOutputs.validate({name: value for name, value in ENVIRONMENT.items() if name != "vpc_id"})
    with pytest.raises(ValidationError, match="accounts"):
        OrganizationOutputs.validate({**ORGANIZATION, "accounts": {"development": "111122223333"}})
