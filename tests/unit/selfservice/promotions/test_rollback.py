"""``plinth rollback`` against the emulator, which refuses what CodePipeline refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from plinth_sandbox.testing import EmulatedAws, refusal
from selfservice.errors import ExitCode
from tests.unit.selfservice.promotions.site import PIPELINE, USE_CASE, Site

ENVIRONMENT = "production"


def rollback(site: Site, *words: str, environment: str = ENVIRONMENT) -> Result:
    return site.plinth("rollback", USE_CASE, "--environment", environment, *words)


def complete(site: Site, done: Result, restored: str, version: int) -> str:
    """Ends the rollback that a command has started, as its deployment would, and returns its execution."""
    assert done.exit_code == 0, done.output
    execution = str(site.executions(PIPELINE)[0]["pipelineExecutionId"])
    assert execution in done.output
    site.robust(restored, ENVIRONMENT, version)
    site.decide(execution, "Production")
    assert site.ended(PIPELINE, execution) == "Succeeded"
    return execution


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An account for each test, because each changes to which states an environment can return."""
    with EmulatedAws(tmp_path, schedules="manual") as aws:
        yield Site(aws)


@pytest.fixture
def promoted(site: Site) -> dict[int, str]:
    """Returns executions by version, the first of them the oldest."""
    return {version: site.promoted(version) for version in (11, 12, 13)}


@pytest.mark.requirement("RB-04.b", level="run")
def test_an_environment_returns_to_the_state_before_in_the_name_of_the_person(
    site: Site, promoted: dict[int, str]
) -> None:
    done = rollback(site)
    assert "production serves version 13" in done.output
    assert f"It returns to version 12, commit 1a2b3c4, of execution {promoted[12]}." in done.output
    execution = complete(site, done, promoted[12], 12)
    found = site.execution(PIPELINE, execution)
    assert found["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == promoted[12]
    assert found["trigger"]["triggerType"] == "ManualRollback"
    assert found["trigger"]["triggerDetail"].endswith("/dan")
    again = rollback(site)
    assert "production serves version 12" in again.output
    complete(site, again, promoted[11], 11)


@pytest.mark.requirement("RB-04.a", level="run")
def test_an_environment_returns_to_a_named_version_or_execution(site: Site, promoted: dict[int, str]) -> None:
    complete(site, rollback(site, "--to", "12"), promoted[12], 12)
    complete(site, rollback(site, "--to", promoted[11]), promoted[11], 11)
    served = rollback(site, "--to", "11")
    assert served.exit_code == ExitCode.BAD_INPUT
    assert "production serves version 11" in served.output
    unknown = rollback(site, "--to", "99")
    assert unknown.exit_code == ExitCode.BAD_INPUT
    assert (
        f"has no state 99; it can return to: version 13, commit 1a2b3c4, of execution {promoted[13]}" in unknown.output
    )


@pytest.mark.requirement("RB-01", level="run")
def test_after_a_failure_the_default_is_the_last_robust_state(site: Site, promoted: dict[int, str]) -> None:
    failed = site.begin(14)
    site.decide(failed, "Review")
    site.deploys(failed, "preproduction", 14)
    site.decide(failed, "Release")
    site.decide(failed, "Production", "Rejected")
    busy = rollback(site)
    assert busy.exit_code == ExitCode.REFUSED
    automatic = str(site.executions(PIPELINE)[0]["pipelineExecutionId"])
    assert f"execution {automatic} is in the stage Production; wait until it has ended" in busy.output
    refused = {"pipelineName": PIPELINE, "stageName": "Production", "targetPipelineExecutionId": promoted[13]}
    assert refusal(site.codepipeline.rollback_stage, **refused) == "UnableToRollbackStageException"
    site.decide(automatic, "Production", "Rejected")
    assert site.ended(PIPELINE, automatic) == "Failed"
    site.robust(promoted[13], ENVIRONMENT, 13)
    done = rollback(site)
    assert "production last served without a failure version 13" in done.output
    assert f"It returns to version 13, commit 1a2b3c4, of execution {promoted[13]}." in done.output
    complete(site, done, promoted[13], 13)


def test_an_environment_without_a_promotion_has_nothing_to_return_to(site: Site) -> None:
    site.s3.delete_object(Bucket=site.bucket, Key="fraud/scoring/promotions/robust/preproduction.json")
    done = rollback(site, environment="preproduction")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "nothing was promoted to preproduction of fraud--scoring yet" in done.output


def test_a_state_of_another_structure_of_the_pipeline_is_promoted_again(site: Site, promoted: dict[int, str]) -> None:
    declared = site.codepipeline.get_pipeline(name=PIPELINE)["pipeline"]
    site.codepipeline.update_pipeline(pipeline=declared)
    done = rollback(site, "--to", "12")
    assert done.exit_code == ExitCode.REFUSED
    assert f"promote the version again: plinth promote {USE_CASE} 12 --to production" in done.output
    assert promoted[12] in done.output
