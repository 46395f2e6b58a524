"""An approved version passes pre-production, two people and production, and answers requests at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.workbench import COMMANDS, Workbench

USE_CASE = "fraud--scoring"
PIPELINE, GROUP = f"{USE_CASE}-promotion", f"{USE_CASE}-main"
STARTER, STRANGER, APPROVERS = "dan", "mallory", ("ben", "chloe")
LOCAL = """
import sys
from pathlib import Path
from shared_libraries.calls import call_from
body = Path(sys.argv[1]).read_text()
print(call_from({"MODEL_ARCHIVE": sys.argv[2]})(body, "application/json").body["predictions"])
"""


class Promotions:
    """The tooling account of the example, as people use it."""

    def __init__(self, acme: Workbench) -> None:
        self.acme = acme
        self.tooling = str(acme.outputs("tooling")["account_id"])
        acme.sandbox("image", "*/plinth:*", str(COMMANDS.parent), "--engine")
        (answers,) = acme.root.rglob(f"{USE_CASE}-deployment/.copier-answers.yml")
        self.deployment = answers.parent

    def plinth(self, *words: str, by: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.acme.plinth(*words, variables=self.acme.session_of(by, self.tooling), check=check)

    def approve(self, *, by: str) -> None:
        self.plinth("approve", USE_CASE, "--wait", f"--comment=read by {by}", by=by)

    def ended(self) -> dict[str, Any]:
        """Returns the newest promotion once it has ended."""
        self.plinth("promotions", USE_CASE, "--watch", by=STARTER, check=False)
        return dict(self.report()["promotions"][0])

    def report(self) -> dict[str, Any]:
        found = json.loads(self.plinth("promotions", USE_CASE, "--json", by=STARTER).stdout)
        return dict(found["use_cases"][0])

    def version(self) -> dict[str, Any]:
        sagemaker = self.acme.client("sagemaker", self.tooling)
        arn = f"arn:aws:sagemaker:eu-west-1:{self.tooling}:model-package/{GROUP}/1"
        return dict(sagemaker.describe_model_package(ModelPackageName=arn))

    def endpoints(self, environment: str) -> list[dict[str, Any]]:
        account = self.acme.outputs(f"fraud-{environment}")["account_id"]
        return list(self.acme.client("sagemaker", account).list_endpoints()["Endpoints"])

    def predict(self, request: Path) -> list[float]:
        """Returns the answer of production to the command that prints it, after a comparison with curl."""
        caller = self.acme.outputs(USE_CASE)["role_arns"]["release-production"]
        proxy = self.acme.environment()["AWS_ENDPOINT_URL"]
        authorities = str(self.acme.root / "sandbox" / "aws" / "authorities.pem")
        connection = {"HTTPS_PROXY": proxy, "AWS_CA_BUNDLE": authorities}
        words = ("predict", USE_CASE, f"--data={request}", f"--role={caller}")
        _, curl, answer = self.acme.plinth(*words, variables=connection).stdout.splitlines()
        keys = self._keys(caller)
        done = subprocess.run(["bash", "-c", curl], env=keys, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == json.loads(answer)
        return list(json.loads(answer)["predictions"])

    def _keys(self, role: str) -> dict[str, str]:
        _, _, _, _, account, name = role.split(":", 5)
        return self.acme.session_of("caller", account, name.removeprefix("role/"))

    def local(self, request: Path, archive: Path) -> list[float]:
        """Returns what the archive of the model predicts in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", LOCAL, str(request), str(archive)],
            cwd=self.deployment / "app_infra",
            env={"PYTHONPATH": f"{self.deployment / 'app_infra' / 'lambda'}:{self.deployment / 'app_infra'}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def promotions(built: Workbench) -> Promotions:
    return Promotions(built)


def stages(promotion: dict[str, Any]) -> dict[str, str]:
    return {one["stage"]: one["status"] for one in promotion["stages"]}


def faults(promotion: dict[str, Any], stage: str) -> Sequence[str]:
    (found,) = [one for one in promotion["stages"] if one["stage"] == stage]
    return list(found["approval"]["void"])


@pytest.mark.requirement("PROM-01")
@pytest.mark.requirement("PROM-02")
def test_an_approval_by_a_stranger_ends_the_promotion_before_anything_is_deployed(promotions: Promotions) -> None:
    promotions.plinth("approve", USE_CASE, "--version=newest", "--comment=good", by="grace")
    promotions.approve(by=STRANGER)
    ended = promotions.ended()
    assert ended["status"] == "Failed"
    assert stages(ended)["Review"] == "Failed"
    assert any(STRANGER in fault for fault in faults(ended, "Review"))
    assert promotions.report()["environments"] == []
    assert (promotions.endpoints("preproduction"), promotions.endpoints("production")) == ([], [])


@pytest.mark.requirement("PROM-04")
@pytest.mark.requirement("PROM-05")
@pytest.mark.requirement("PROM-07")
@pytest.mark.requirement("PROM-08")
@pytest.mark.requirement("PROM-11")
@pytest.mark.requirement("PROM-12")
@pytest.mark.requirement("RT-01")
def test_a_version_that_two_people_approve_answers_in_production_as_its_archive_does(
    promotions: Promotions, tmp_path: Path
) -> None:
    promotions.plinth("promote", USE_CASE, "newest", by=STARTER)
    for person in APPROVERS:
        promotions.approve(by=person)
    ended = promotions.ended()
    assert set(stages(ended).values()) == {"Succeeded"}, ended
    assert [one["approval"]["by"] for one in ended["stages"] if one["approval"]] == list(APPROVERS)
    served = {one["environment"]: one["version"] for one in promotions.report()["environments"]}
    assert served == {"preproduction": 1, "production": 1}
    for environment in served:
        (endpoint,) = promotions.endpoints(environment)
        assert endpoint["EndpointStatus"] == "InService"
    version = promotions.version()
    marks = version["CustomerMetadataProperties"]
    assert {name for name in marks if name.startswith("serves-")} == {"serves-preproduction", "serves-production"}
    request = promotions.deployment / "tests" / "data" / "request.json"
    answer = promotions.predict(request)
    assert len(answer) == len(json.loads(request.read_text())["instances"])
    archive = tmp_path / "model.tar.gz"
    source = version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = source.removeprefix("s3://").partition("/")
    promotions.acme.client("s3", promotions.tooling).download_file(bucket, key, str(archive))
    assert answer == pytest.approx(promotions.local(request, archive))
