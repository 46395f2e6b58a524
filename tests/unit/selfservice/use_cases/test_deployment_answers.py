"""The outputs of deployed stacks answer all questions of the template of the deployment repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from selfservice.use_cases.deployment_answers import deployment_answers
from selfservice.use_cases.repository import generate
from settings.team.use_case import UseCaseSettings
from settings.types.kinds import ReleasedTo
from tests.support.workbench import REPOSITORY

TEMPLATES = REPOSITORY / "templates"
TAGS = {"plinth:owner": "fraud@acme.example", "plinth:cost-centre": "2000", "plinth:team": "fraud"}
DAYS: dict[ReleasedTo, int] = {"preproduction": 365, "production": 1827}


def _environment(number: int) -> dict[str, Any]:
    return {
        "account_id": str(number) * 12,
        "region": "eu-west-1",
        "bucket_name": f"ml-{number}-fraud",
        "key_arn": f"arn:aws:kms:eu-west-1:{str(number) * 12}:key/1",
        "private_subnet_ids": ["subnet-1", "subnet-2"],
        "workload_security_group_id": f"sg-{number}",
        "api_endpoint_id": f"vpce-{number}",
    }


OUTPUTS: dict[str, dict[str, Any]] = {
    "organization": {"organization_id": "o-example1234"},
    "tooling": {"api_endpoint_id": "vpce-9"},
    "data-lake--fraud-scores": {"drop_points": {"fraud": "fraud--fraud-scores-abc-s3alias"}},
    "fraud-preproduction": _environment(3),
    "fraud-production": _environment(4),
}


@pytest.mark.requirement("TPL-02")
def test_a_user_types_no_id_of_the_foundation(tmp_path: Path) -> None:
    answers = deployment_answers(
        "fraud--card-risk",
        OUTPUTS.__getitem__,
        tags=TAGS,
        log_retention_days=DAYS,
        use_case=UseCaseSettings(models_call_aws=True),
    )
    questions = yaml.safe_load((TEMPLATES / "copier.yml").read_text())
    asked = {
        name
        for name, question in questions.items()
        if isinstance(question, dict) and "'deployment'" in question.get("when", "") and "default" not in question
    }
    assert asked <= answers.keys()
    generate(tmp_path / "project", str(TEMPLATES), None, answers)
    foundation = json.loads((tmp_path / "project" / "foundation.json").read_text())
    assert foundation["environments"]["prod"] == {
        "account_id": "444444444444",
        "bucket": "ml-4-fraud",
        "key_arn": "arn:aws:kms:eu-west-1:444444444444:key/1",
        "subnets": ["subnet-1", "subnet-2"],
        "security_groups": ["sg-4"],
        "api_endpoint": "vpce-4",
        "log_retention_days": 1827,
    }
    assert foundation["environments"]["staging"]["account_id"] == "333333333333"
    assert (foundation["organization_id"], foundation["test_endpoint"]) == ("o-example1234", "vpce-9")
    assert foundation["models_call_aws"] is True
    assert foundation["tags"] == {"plinth:owner": "fraud@acme.example", "plinth:cost-centre": "2000"}


@pytest.mark.requirement("TPL-02", "TPL-04.a")
def test_a_use_case_that_predicts_in_batches_gets_a_pipeline_that_returns_results(tmp_path: Path) -> None:
    use_case = UseCaseSettings(inference=("batch",))
    answers = deployment_answers(
        "fraud--card-risk",
        OUTPUTS.__getitem__,
        tags=TAGS,
        log_retention_days=DAYS,
        use_case=use_case,
        results="fraud-scores",
    )
    generate(tmp_path / "project", str(TEMPLATES), None, answers)
    for place in ("staging", "prod"):
        file = tmp_path / "project" / "inference_config" / place / "inference_config.json"
        inference = json.loads(file.read_text())["inference"]
        assert inference["kind"] == "batch"
        assert inference["returned_to"] == {"dataset": "fraud-scores", "drop_point": "fraud--fraud-scores-abc-s3alias"}


@pytest.mark.requirement("RT-05", "TPL-04.b")
def test_a_use_case_whose_api_answers_later_gets_asynchronous_endpoints(tmp_path: Path) -> None:
    use_case = UseCaseSettings(inference=("asynchronous",))
    answers = deployment_answers(
        "fraud--card-risk", OUTPUTS.__getitem__, tags=TAGS, log_retention_days=DAYS, use_case=use_case
    )
    generate(tmp_path / "project", str(TEMPLATES), None, answers)
    for place in ("staging", "prod"):
        file = tmp_path / "project" / "inference_config" / place / "inference_config.json"
        assert json.loads(file.read_text())["inference"]["kind"] == "asynchronous"
