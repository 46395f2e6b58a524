"""The outputs of deployed stacks answer all questions of the template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from selfservice.errors import BadInputError
from selfservice.use_cases.answers import foundation_answers, given_answers, with_image
from selfservice.use_cases.repository import generate
from tests.support.workbench import REPOSITORY

TEMPLATES = REPOSITORY / "templates"
OUTPUTS: dict[str, dict[str, Any]] = {
    "fraud-development": {
        "account_id": "111111111111",
        "region": "eu-west-1",
        "bucket_name": "ml-dev-fraud",
        "key_arn": "arn:aws:kms:eu-west-1:111111111111:key/1",
        "private_subnet_ids": ["subnet-1", "subnet-2"],
        "workload_security_group_id": "sg-1",
    },
    "tooling": {"account_id": "222222222222", "key_arn": "arn:aws:kms:eu-west-1:222222222222:key/2"},
    "fraud--card-risk": {"artifact_bucket": "acme-artifacts", "minimum_gates": {"f1": {"at_least": 0.8}}},
}

WORKGROUPS = {"development": "fraud-queries"}
OWN = {"plinth:owner": "fraud@acme.example", "plinth:cost-centre": "4711"}
TAGS = {**OWN, "plinth:stack": "fraud--card-risk"}


@pytest.mark.requirement("TPL-02")
def test_a_user_types_no_id_of_the_foundation(tmp_path: Path) -> None:
    answers = foundation_answers("fraud--card-risk", OUTPUTS.__getitem__, WORKGROUPS, tags=TAGS)
    questions = yaml.safe_load((TEMPLATES / "copier.yml").read_text())
    asked = {
        name: question
        for name, question in questions.items()
        if name[0] != "_" and "deployment" not in question.get("when", "")
    }
    unanswered = {name for name, question in asked.items() if "default" not in question}
    assert unanswered <= answers.keys()
    generate(tmp_path / "project", str(TEMPLATES), None, answers)
    foundation = json.loads((tmp_path / "project" / "foundation.json").read_text())
    assert foundation == {
        "team": "fraud",
        "use_case": "card-risk",
        "region": "eu-west-1",
        "development": {
            "account_id": "111111111111",
            "bucket": "ml-dev-fraud",
            "key_arn": "arn:aws:kms:eu-west-1:111111111111:key/1",
            "subnets": ["subnet-1", "subnet-2"],
            "security_groups": ["sg-1"],
            "workgroup": "fraud-queries",
        },
        "registry": {
            "account_id": "222222222222",
            "bucket": "acme-artifacts",
            "key_arn": "arn:aws:kms:eu-west-1:222222222222:key/2",
        },
        "tags": OWN,
        "minimum_gates": {"f1": {"at_least": 0.8}},
    }


def test_without_access_to_data_the_template_names_the_workgroup() -> None:
    assert "workgroup" not in foundation_answers("fraud--card-risk", OUTPUTS.__getitem__, {}, tags=TAGS)


def test_an_answer_that_the_template_refuses_is_one_message(tmp_path: Path) -> None:
    answers = foundation_answers("fraud--card-risk", OUTPUTS.__getitem__, WORKGROUPS, tags=TAGS)
    with pytest.raises(BadInputError, match="problem"):
        generate(tmp_path / "project", str(TEMPLATES), None, {**answers, "problem": "clustering"})
    assert not (tmp_path / "project").exists()


def test_an_image_of_the_use_case_is_given_by_its_name_and_tag() -> None:
    repositories = {"train": "2222.dkr.ecr.eu-west-1.amazonaws.com/fraud/card-risk/train"}
    assert with_image({"image": "train:1"}, repositories) == {"image": f"{repositories['train']}:1"}
    for other in ({"image": "registry.example/train:1"}, {"image": "train"}, {"problem": "regression"}):
        assert with_image(other, repositories) == other


def test_an_answer_without_a_value_is_refused() -> None:
    assert given_answers(["query=a=b"]) == {"query": "a=b"}
    with pytest.raises(BadInputError, match="write it as NAME=VALUE"):
        given_answers(["problem"])
