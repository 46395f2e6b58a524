"""An approved version passes pre-production, two people and production, and answers requests at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.example.use_case_promotions import (
    APPROVERS,
    STARTER,
    STRANGER,
    USE_CASE,
    Promotions,
    faults,
    stages,
)
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def promotions(built: Workbench) -> Promotions:
    return Promotions(built)


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
