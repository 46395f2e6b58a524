"""Builds of CodeBuild that build images: only privileged ones have an engine, and environments stand in for images."""

from __future__ import annotations

import json
import sys

import pytest

from executors.test_codebuild import ENVIRONMENT, Workshop, contexts, spec
from plinth_sandbox.executors.docker.dockerfile import DockerfileError, base_of
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

REGISTRY = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/fraud/train:1a2b3c4"
BUILD = (
    "printf 'ARG BASE\\nFROM ${BASE}\\nRUN true\\n' > dockerfile",
    f"aws ecr get-login-password --region {REGION} | docker login --username AWS --password-stdin {REGISTRY}",
    f"docker build --file dockerfile --tag {IMAGE} --build-arg=BASE=base:1 .",
    f"docker push {IMAGE}",
)
PRIVILEGED = {"environment": {**ENVIRONMENT, "privilegedMode": True}}


@pytest.fixture(scope="module")
def shop(server: EmulatedAws) -> Workshop:
    made = Workshop(server)
    (server.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix, "base:1": sys.prefix}))
    return made


def test_a_privileged_build_pushes_what_stands_in_for_an_image_and_says_so(shop: Workshop) -> None:
    ecr = shop.aws.client("ecr")
    ecr.create_repository(
        repositoryName="fraud/train", imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True}
    )
    shop.inline("images", spec(*BUILD), **PRIVILEGED)
    build = shop.build("images")
    assert build["buildStatus"] == "SUCCEEDED", shop.log(build)
    said = (
        f"The sandbox builds no container, and runs no instruction of dockerfile: the environment {sys.prefix} stands"
    )
    assert said in shop.log(build)
    (image,) = ecr.describe_images(repositoryName="fraud/train")["imageDetails"]
    assert image["imageTags"] == ["1a2b3c4"]
    assert f"1a2b3c4: digest: {image['imageDigest']}" in shop.log(build)
    wanted = {"repositoryName": "fraud/train", "imageId": {"imageDigest": image["imageDigest"]}}
    found = ecr.describe_image_scan_findings(**wanted)
    assert (found["imageScanStatus"]["status"], found["imageScanFindings"]["findings"]) == ("COMPLETE", [])
    scans = {f"{REGISTRY}/fraud/train@*": {"CVE-2026-1": "HIGH", "CVE-2026-2": "LOW"}}
    (shop.aws.directory / "scans.json").write_text(json.dumps(scans))
    findings = ecr.describe_image_scan_findings(**wanted)["imageScanFindings"]
    assert findings["findingSeverityCounts"] == {"HIGH": 1, "LOW": 1}
    assert {one["name"]: one["severity"] for one in findings["findings"]} == {"CVE-2026-1": "HIGH", "CVE-2026-2": "LOW"}
    shop.aws.client("inspector2").enable(accountIds=[MANAGEMENT], resourceTypes=["ECR"])
    enhanced = ecr.describe_image_scan_findings(**wanted)
    assert enhanced["imageScanStatus"]["status"] == "ACTIVE"
    names = [one["packageVulnerabilityDetails"] for one in enhanced["imageScanFindings"]["enhancedFindings"]]
    assert names == [{"vulnerabilityId": "CVE-2026-1"}, {"vulnerabilityId": "CVE-2026-2"}]
    missing = {"repositoryName": "fraud/train", "imageId": {"imageTag": "none"}}
    assert refusal(ecr.describe_image_scan_findings, **missing) == "ImageNotFoundException"
    nowhere = {"repositoryName": "fraud/none", "imageId": {"imageTag": "none"}}
    assert refusal(ecr.describe_image_scan_findings, **nowhere) == "RepositoryNotFoundException"


def test_a_build_that_is_not_privileged_finds_no_container_engine(shop: Workshop) -> None:
    shop.inline("plain", spec("docker info"))
    build = shop.build("plain")
    assert build["buildStatus"] == "FAILED"
    assert "Cannot connect to the Docker daemon at unix:///var/run/docker.sock" in shop.log(build)
    assert "docker info" in contexts(build, "BUILD")["message"]


def test_a_base_image_for_which_no_environment_stands_fails_the_build(shop: Workshop) -> None:
    shop.inline(
        "unknown", spec("echo FROM other:1 > dockerfile", f"docker build -f dockerfile -t {IMAGE} ."), **PRIVILEGED
    )
    build = shop.build("unknown")
    assert build["buildStatus"] == "FAILED"
    assert "other:1: failed to resolve source metadata" in shop.log(build)


def test_the_last_stage_decides_from_which_image_a_dockerfile_is_made() -> None:
    text = "# syntax\nARG A=one:1\nFROM ${A} AS build\nRUN <<EOF\nFROM x\nEOF\nFROM two:2\nFROM build\nCOPY \\\n  a b\n"
    assert base_of(text, {}) == "one:1"
    assert base_of(text, {"A": "three:3"}) == "three:3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "file with no instructions"),
        ("FROM a\nRUNS b\n", "line 2: unknown instruction: RUNS"),
        ("ARG A\nFROM ${A}\n", "line 2: base name"),
    ],
)
def test_a_dockerfile_that_docker_does_not_read_is_refused(text: str, reason: str) -> None:
    with pytest.raises(DockerfileError, match=reason):
        base_of(text, {})
