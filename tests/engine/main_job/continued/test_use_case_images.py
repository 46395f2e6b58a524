"""A use case that names no image gets one for each step from its dockerfile, and its jobs run in what was built."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plinth_sandbox.executors.image_root import are_possible
from tests.engine.main_job.promotions import GROUP, USE_CASE, Promotions
from tests.engine.main_job.pushes import INPUT, build_of, content_of, log_of, pushed, settings_of
from tests.engine.main_job.retrainings import versions
from tests.support.workbench import Workbench

BASE = f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training@sha256:{'0' * 64}"
DOCKERFILE = "algorithms/training/train/dockerfile"
MARK = "built by a dockerfile"


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    """The use case in an organization with a base image."""
    acme.change_organization(images={"base": BASE})
    acme.plinth("up", USE_CASE, "--with-needs", "--yes")
    return Promotions(acme)


@pytest.fixture(scope="module")
def build(promotions: Promotions) -> dict[str, Any]:
    """The build of a commit that names no image any more, and whose dockerfile leaves a mark."""
    settings = {key: value for key, value in settings_of(promotions).items() if key != "image"}
    dockerfile = f"{content_of(promotions, DOCKERFILE)}RUN echo '{MARK}' > /usr/local/share/mark\n"
    files = {INPUT: json.dumps(settings, indent=2), DOCKERFILE: dockerfile}
    return pushed(promotions, "Build the image of the training step", files)


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
@pytest.mark.requirement("CI-05.a", "CI-05.b")
def test_the_image_of_a_step_is_built_pushed_and_used_by_its_job(promotions: Promotions, build: dict[str, Any]) -> None:
    assert build["buildStatus"] == "SUCCEEDED", log_of(promotions, build)
    images = build_of(promotions, f"{USE_CASE}-images", build["resolvedSourceVersion"])
    log = log_of(promotions, images)
    assert "Requirement already satisfied: pandas==" in log
    assert MARK in log
    ecr = promotions.acme.client("ecr", promotions.tooling)
    (image,) = ecr.describe_images(repositoryName="fraud/scoring/train")["imageDetails"]
    assert image["imageTags"] == [build["resolvedSourceVersion"]]

    sagemaker = promotions.acme.client("sagemaker", promotions.tooling)
    newest = max(versions(promotions))
    arn = f"arn:aws:sagemaker:eu-west-1:{promotions.tooling}:model-package/{GROUP}/{newest}"
    (container,) = sagemaker.describe_model_package(ModelPackageName=arn)["InferenceSpecification"]["Containers"]
    uri = f"{promotions.tooling}.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train@{image['imageDigest']}"
    assert container["Image"] == uri
    development = str(promotions.acme.outputs("fraud-development")["account_id"])
    trained = promotions.acme.client("sagemaker", development)
    names = [job_summary["TrainingJobName"] for job_summary in trained.list_training_jobs()["TrainingJobSummaries"]]
    jobs = [trained.describe_training_job(TrainingJobName=name) for name in names]
    states = [job["TrainingJobStatus"] for job in jobs if job["AlgorithmSpecification"]["TrainingImage"] == uri]
    assert states == ["Completed"]


@pytest.mark.usefixtures("build")
@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
def test_a_dockerfile_that_fails_fails_the_build_with_its_reason(promotions: Promotions) -> None:
    before = versions(promotions)
    dockerfile = f"{content_of(promotions, DOCKERFILE)}COPY absent /opt/\n"
    failed = pushed(promotions, "Copy a file that does not exist", {DOCKERFILE: dockerfile})
    assert failed["buildStatus"] == "FAILED"
    log = log_of(promotions, failed)
    assert '"/absent": not found' in log, log
    assert versions(promotions) == before
