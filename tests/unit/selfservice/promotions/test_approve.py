"""``plinth approve`` against the emulator: who decided is who signed in."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.records import Records
from selfservice.errors import ExitCode, RefusedError
from selfservice.promotions import decide
from selfservice.promotions.place import PromotionPlace
from settings.derived.use_case_names import UseCaseNames
from tests.unit.selfservice.promotions.site import GROUP, PIPELINE, USE_CASE, Site

WHY = "--comment=recall is better"


def status_of(site: Site, version: int) -> tuple[str, str]:
    arn = f"{GROUP}/{version}"
    found = site.sagemaker.describe_model_package(
        ModelPackageName=next(
            model_package["ModelPackageArn"]
            for model_package in site.sagemaker.list_model_packages(ModelPackageGroupName=GROUP)[
                "ModelPackageSummaryList"
            ]
            if model_package["ModelPackageArn"].endswith(arn)
        )
    )
    return found["ModelApprovalStatus"], found.get("ApprovalDescription", "")


@pytest.mark.requirement("PROM-10.a", "PROM-10.b", level="run")
def test_a_promotion_is_approved_and_rejected_in_the_name_of_the_person(site: Site) -> None:
    execution = site.begin(site.register())
    done = site.plinth("approve", USE_CASE, "--wait", WHY, user="ben")
    assert done.exit_code == 0, done.output
    assert f"Approved Review of {USE_CASE} as ben." in done.output
    site.deploys(execution, "preproduction", 1)
    done = site.plinth("approve", USE_CASE, "--wait", "--reject", WHY, user="chloe")
    assert f"Rejected Release of {USE_CASE} as chloe." in done.output
    assert site.ended(PIPELINE, execution) == "Failed"
    listed = site.plinth("promotions", USE_CASE).output
    assert "approved by ben" in listed
    assert "rejected by chloe" in listed


class Waiting:
    """CodePipeline with an approval of the business that waits."""

    def __init__(self) -> None:
        self.answered: list[dict[str, Any]] = []

    def client(self, _: str) -> Waiting:
        return self

    def get_pipeline_state(self, **_: str) -> dict[str, Any]:
        latest = {"status": "InProgress", "token": "t"}
        action = {"actionName": "BusinessApproval", "latestExecution": latest}
        return {"stageStates": [{"stageName": "Source"}, {"stageName": "Business", "actionStates": [action]}]}

    def put_approval_result(self, **asked: Any) -> None:
        self.answered.append(asked)


def place_of(waiting: Waiting) -> PromotionPlace:
    return PromotionPlace(
        names=UseCaseNames(team="fraud", use_case="scoring"),
        account=cast(Any, waiting),
        records=Records(s3=None, bucket="b", folder="f"),
        approvers={"Business": ("gina",)},
    )


def test_the_business_answers_the_action_that_is_its_own() -> None:
    waiting = Waiting()
    decided = decide.decide_promotion(place_of(waiting), approved=True, comment="it pays", wait=False)
    assert decided.stage == "Business"
    (asked,) = waiting.answered
    assert (asked["stageName"], asked["actionName"]) == ("Business", "BusinessApproval")


@pytest.mark.parametrize(
    ("comment", "said"),
    [(" ", "say why"), ("x" * 513, "513 characters"), ("AKIAIOSFODNN7EXAMPLE", "looks like a credential")],
)
@pytest.mark.parametrize("words", [(), ("--version=1",)])
def test_a_comment_that_cannot_be_recorded_decides_nothing(
    site: Site, comment: str, said: str, words: tuple[str, ...]
) -> None:
    version = site.register("PendingManualApproval")
    done = site.plinth("approve", USE_CASE, f"--comment={comment}", *words, user="ben")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert said in done.output
    assert status_of(site, version)[0] == "PendingManualApproval"


def test_an_approval_that_somebody_answered_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, code = Waiting(), {"Error": {"Code": "InvalidApprovalTokenException", "Message": "no"}}

    def answered(**_: Any) -> None:
        raise ClientError(cast(Any, code), "PutApprovalResult")

    monkeypatch.setattr(waiting, "put_approval_result", answered)
    with pytest.raises(RefusedError, match="somebody has answered Business meanwhile"):
        decide.decide_promotion(place_of(waiting), approved=True, comment="it pays")


def test_without_a_promotion_that_waits_nothing_is_decided(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.promoted(site.register())
    monkeypatch.setattr(decide, "_STARTS_SECONDS", 0)
    for words in ((), ("--wait",)):
        done = site.plinth("approve", USE_CASE, WHY, *words, user="ben")
        assert done.exit_code == ExitCode.REFUSED
        assert "no promotion of fraud--scoring waits for an approval; the newest one: Succeeded" in done.output


def test_a_version_is_approved_and_rejected_in_the_registry(site: Site) -> None:
    first, second = site.register("PendingManualApproval"), site.register("PendingManualApproval")
    done = site.plinth("approve", USE_CASE, "--version=newest", WHY, user="ben")
    assert done.exit_code == 0, done.output
    assert f"Approved version {second} of {USE_CASE} in the registry as ben." in done.output
    assert status_of(site, second) == ("Approved", "recall is better")
    assert status_of(site, first)[0] == "PendingManualApproval"
    assert site.plinth("approve", USE_CASE, f"--version={first}", "--reject", WHY, user="ben").exit_code == 0
    assert status_of(site, first)[0] == "Rejected"
    done = site.plinth("approve", USE_CASE, "--version=99", WHY, user="ben")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert f"there is no version 99 of {GROUP}; `plinth models {USE_CASE}` lists the versions" in done.output
