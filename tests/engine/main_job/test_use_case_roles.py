"""The roles of promotion: provisioned in each account to which models are released, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def roles(acme: Workbench) -> dict[str, str]:
    found: dict[str, str] = acme.outputs("fraud--scoring")["role_arns"]
    return found


def role_of(acme: Workbench, arn: str) -> dict[str, Any]:
    """Returns a role as IAM has it, in the account of its ARN."""
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    found: dict[str, Any] = acme.client("iam", account).get_role(RoleName=name)["Role"]
    return found


@pytest.mark.requirement("PRE-04.a", "PROD-01.c", level="permission")
@pytest.mark.parametrize("environment", ["preproduction", "production"])
def test_only_the_promotion_and_the_program_of_the_environment_may_open_the_release_role_of_an_environment(
    acme: Workbench, roles: dict[str, str], environment: str
) -> None:
    place, release = acme.outputs(f"fraud-{environment}"), roles[f"release-{environment}"]
    assert release.split(":")[4] == place["account_id"]
    found = role_of(acme, release)
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == place["permissions_boundary_arn"]
    (trust,) = found["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["ArnEquals"] == {
        "aws:PrincipalArn": [roles["promotion"], roles[f"promotion-{environment}"]]
    }
    serving = role_of(acme, roles[f"serving-{environment}"])
    assert serving["Arn"].split(":")[4] == place["account_id"]
    assert {"Key": "plinth:use-case", "Value": "scoring"} in serving["Tags"]


@pytest.mark.requirement("PRE-04.a", level="permission")
def test_builds_of_the_build_repository_cannot_take_the_promotion_role(acme: Workbench, roles: dict[str, str]) -> None:
    projects = {}
    for name in ("integration", "promotion", "promotion-preproduction"):
        (trust,) = role_of(acme, roles[name])["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "codebuild.amazonaws.com"}
        projects[name] = trust["Condition"]["ArnLike"]["aws:SourceArn"].rpartition("/")[2]
    assert projects == {
        "integration": "fraud--scoring-build",
        "promotion": "fraud--scoring-promotion",
        "promotion-preproduction": "fraud--scoring-promotion-preprod",
    }


def test_development_has_no_role_that_releases_or_serves(acme: Workbench, roles: dict[str, str]) -> None:
    iam = acme.client("iam", acme.outputs("fraud-development")["account_id"])
    for name in ("promotion", *(key for key in roles if key.startswith(("release-", "serving-")))):
        with pytest.raises(ClientError, match="NoSuchEntity"):
            iam.get_role(RoleName=roles[name].rpartition("/")[2])
