"""Instance types with accelerators on which the account may run no app are refused (row 49)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from selfservice.checks import studio_quotas
from selfservice.checks.studio_quotas import refuse_types_without_quota
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

ENVIRONMENT, STUDIO, ACCOUNT = "sales-experimentation", "sales-experimentation-studio", "111122223333"
NAME = "Studio {} Apps running on {} instances"
Asked = list[tuple[str, str | None]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the small example, whose environment for experimentation is deployed, with limits in its Studio."""
    for file in (REPOSITORY / "environments" / "small").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    users = {"ada": {"persona": "data-scientist"}, "bob": {"persona": "data-scientist", "apps": ["code-editor"]}}
    types = ["ml.t3.medium", "ml.g4dn.2xlarge", "ml.g5.xlarge"]
    studio = {"users": users, "limits": {"data-scientist": {"instance_types": types}}}
    settings = {"config": {"plinth:environment": {"studio": studio}}}
    (tmp_path / f"Pulumi.{ENVIRONMENT}.yaml").write_text(yaml.safe_dump(settings))
    deploy(monkeypatch, ACCOUNT)
    return tmp_path


def deploy(monkeypatch: pytest.MonkeyPatch, account: str | None) -> None:
    outputs = {} if account is None else {"account_id": account}
    stack = {"type": "pulumi:pulumi:Stack", "outputs": outputs}

    def deployments(_: object, stacks: Sequence[str]) -> Mapping[str, Any]:
        return {name: {"resources": [stack]} for name in stacks}

    monkeypatch.setattr(studio_quotas, "deployments_by_stack", deployments)


@pytest.fixture
def quotas(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """Returns a function that sets the quotas of the account by app and type, and returns who asks for them."""

    def grant(values: Mapping[tuple[str, str], int]) -> Asked:
        asked: Asked = []

        def every(self: Account, service: str, operation: str, key: str, **arguments: str) -> Iterator[dict[str, Any]]:
            assert (service, operation, key, arguments) == (
                "service-quotas", "list_service_quotas", "Quotas", {"ServiceCode": "sagemaker"},
            )  # fmt: skip
            asked.append((self.id, self.role_arn))
            for (app, instance_type), value in values.items():
                yield {"QuotaName": NAME.format(app, instance_type), "QuotaCode": f"L-{value}{app}", "Value": value}

        monkeypatch.setattr(Account, "every", every)
        return asked

    return grant


def test_types_without_quota_are_refused_together_with_their_place_and_the_code_of_the_quota(
    project: Path, quotas: Callable[..., Asked]
) -> None:
    asked = quotas(
        {
            ("JupyterLab", "ml.g4dn.2xlarge"): 0,
            ("CodeEditor", "ml.g4dn.2xlarge"): 1,
            ("CodeEditor", "ml.g5.xlarge"): 0,
            ("JupyterLab", "ml.t3.medium"): 0,
        }
    )
    with pytest.raises(BadInputError) as refused:
        refuse_types_without_quota(open_project(project), [STUDIO, ENVIRONMENT])
    first, second = str(refused.value).splitlines()[1:]
    place = f"Pulumi.{ENVIRONMENT}.yaml: plinth:environment.studio.limits.data-scientist.instance_types"
    assert f"{place}[1]: the account {ACCOUNT} may run 0 apps of jupyterlab on ml.g4dn.2xlarge; request an" in first
    assert "--service-code sagemaker --quota-code L-0JupyterLab --desired-value 1`, or remove the type" in first
    assert f"{place}[2]: the account {ACCOUNT} may run 0 apps of code-editor on ml.g5.xlarge" in second
    assert asked == [(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole")]


def test_types_with_a_quota_and_quotas_that_aws_does_not_list_are_not_refused(
    project: Path, quotas: Callable[..., Asked]
) -> None:
    asked = quotas({("JupyterLab", "ml.g4dn.2xlarge"): 1, ("CodeEditor", "ml.g4dn.2xlarge"): 2})
    refuse_types_without_quota(open_project(project), [STUDIO])
    assert [account for account, _ in asked] == [ACCOUNT]


def test_quotas_are_read_only_for_limits_in_settings_of_a_deployed_environment(
    project: Path, quotas: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = quotas({("JupyterLab", "ml.g4dn.2xlarge"): 0})
    refuse_types_without_quota(open_project(project), [ENVIRONMENT])
    deploy(monkeypatch, None)
    refuse_types_without_quota(open_project(project), [STUDIO])
    deploy(monkeypatch, ACCOUNT)
    file = project / f"Pulumi.{ENVIRONMENT}.yaml"
    content = yaml.safe_load(file.read_text())
    del content["config"]["plinth:environment"]["studio"]["limits"]
    file.write_text(json.dumps(content))
    refuse_types_without_quota(open_project(project), [STUDIO])
    assert asked == []


@pytest.mark.threat("T-15")
def test_a_read_only_operation_reads_quotas_with_the_role_for_reviews(
    project: Path, quotas: Callable[..., Asked]
) -> None:
    asked = quotas({})
    refuse_types_without_quota(replace(open_project(project), read_only=True), [STUDIO])
    assert asked == [(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/plinth/platform-reviewer")]


def test_without_the_permission_to_read_quotas_aws_alone_can_tell(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(_: object, service: str, *__: object, **___: object) -> Iterator[dict[str, Any]]:
        asked.append(service)
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListServiceQuotas")

    monkeypatch.setattr(Account, "every", refuse)
    refuse_types_without_quota(open_project(project), [STUDIO])
    assert asked == ["service-quotas"]
