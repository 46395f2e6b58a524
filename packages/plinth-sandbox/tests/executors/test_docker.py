"""Builds of CodeBuild that build images: only privileged ones have an engine. Jobs run what an image contains."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from executors.serving import SERVE, variant
from executors.test_codebuild import ENVIRONMENT, Workshop, contexts, spec
from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

REGISTRY = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/fraud/train:1a2b3c4"
DOCKERFILE = """\
ARG BASE
FROM ${BASE} AS tools
RUN echo compiled > /usr/local/share/tool
FROM ${BASE}
ARG COMMIT=none
ENV GREETING="hello ${COMMIT}"
WORKDIR /app
COPY train serve words/*.txt ./
COPY --from=tools /usr/local/share/tool /opt/tool
RUN --mount=type=secret,id=index test "$(cat /run/secrets/index)" = hidden && chmod +x train serve \\
    && rm /usr/bin/yes && echo "run by $(id -u) in $(pwd) with $COMMIT"
RUN ["ln", "-s", "/app/train", "/app/serve", "/usr/local/bin/"]
"""
TRAIN = """\
#!/bin/sh
cat /app/words.txt /opt/tool > /opt/ml/model/words
echo "$GREETING from $(pwd)" >> /opt/ml/model/words
test -e /usr/bin/yes || echo "no yes" >> /opt/ml/model/words
"""
BUILD = (
    "mkdir words && echo one > words/words.txt",
    f"cat > dockerfile <<'EOF'\n{DOCKERFILE}EOF",
    f"cat > train <<'EOF'\n{TRAIN}EOF",
    f"cat > serve <<'EOF'\n#!/usr/bin/env python3\n{SERVE}EOF",
    f"aws ecr get-login-password --region {REGION} | docker login --username AWS --password-stdin {REGISTRY}",
    "export INDEX=hidden",
    f"docker build --file dockerfile --tag {IMAGE} --build-arg=BASE=base:1 --build-arg COMMIT=1a2b "
    "--secret=id=index,env=INDEX .",
    f"docker push {IMAGE}",
)
PRIVILEGED = {"environment": {**ENVIRONMENT, "privilegedMode": True}}


@pytest.fixture(scope="module")
def shop(server: EmulatedAws) -> Workshop:
    made = Workshop(server)
    (server.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix, "base:1": sys.prefix}))
    return made


@pytest.fixture(scope="module")
def image(shop: Workshop) -> dict[str, Any]:
    """An image that a build has pushed, as ECR describes it, with the log of the build."""
    ecr = shop.aws.client("ecr")
    ecr.create_repository(
        repositoryName="fraud/train", imageTagMutability="IMMUTABLE", imageScanningConfiguration={"scanOnPush": True}
    )
    shop.inline("images", spec(*BUILD), **PRIVILEGED)
    build = shop.build("images")
    assert build["buildStatus"] == "SUCCEEDED", shop.log(build)
    (found,) = ecr.describe_images(repositoryName="fraud/train")["imageDetails"]
    return {**found, "log": shop.log(build)}


def test_a_privileged_build_pushes_an_image_with_what_its_instructions_made(image: dict[str, Any]) -> None:
    assert image["imageTags"] == ["1a2b3c4"]
    assert f"1a2b3c4: digest: {image['imageDigest']}" in image["log"]
    if are_possible():
        assert "run by 0 in /app with 1a2b" in image["log"]
    else:
        assert f"the environment {sys.prefix} stands in for {IMAGE}" in image["log"]


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
def test_a_build_runs_in_a_built_image_as_its_role_and_changes_nothing_of_it(
    shop: Workshop, image: dict[str, Any]
) -> None:
    commands = (
        'cat /opt/tool /app/words.txt && echo "$GREETING" && rm /app/words.txt',
        "test ! -e /usr/bin/yes && aws sts get-caller-identity --query Arn",
        "python -c 'import boto3; print(boto3.__name__, 3)' && echo kept > kept.txt && cat $CODEBUILD_SRC_DIR/kept.txt",
    )
    named = f"{REGISTRY}/fraud/train@{image['imageDigest']}"
    shop.inline("inside", spec(*commands), environment={**ENVIRONMENT, "image": named})
    shop.inline("outside", spec(*commands))
    starts: list[tuple[str, dict[str, str]]] = [
        ("inside", {}),
        ("inside", {}),
        ("outside", {"imageOverride": named, "imagePullCredentialsTypeOverride": "SERVICE_ROLE"}),
    ]
    for project, overrides in starts:
        build = shop.build(project, **overrides)
        log = shop.log(build)
        assert build["buildStatus"] == "SUCCEEDED", log
        for line in ("compiled", "one", "hello 1a2b", "boto3 3", "kept"):
            assert f"\n{line}\n" in log
        assert "assumed-role/builder/AWSCodeBuild-" in log
    assert Path("/usr/bin/yes").exists()


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
@pytest.mark.parametrize("named", ["digest", "tag"])
def test_a_job_runs_the_program_of_a_built_image_and_changes_nothing_of_it(
    shop: Workshop, image: dict[str, Any], named: str, tmp_path: Path
) -> None:
    sagemaker, s3 = shop.aws.client("sagemaker"), shop.aws.client("s3")
    bucket, name = f"{named}-models", f"built-{named}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    uri = f"{REGISTRY}/fraud/train@{image['imageDigest']}" if named == "digest" else IMAGE
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=shop.aws.role(f"{named}-trainer", "sagemaker"),
        AlgorithmSpecification={"TrainingImage": uri, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/"},
        ResourceConfig={"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return found if found["TrainingJobStatus"] not in ("InProgress", "Stopping") else None

    found = eventually(look)
    assert found["TrainingJobStatus"] == "Completed", found.get("FailureReason")
    packed = tmp_path / "model.tar.gz"
    s3.download_file(bucket, f"{name}/output/model.tar.gz", str(packed))
    with tarfile.open(packed) as opened:
        member = opened.extractfile("words")
        assert member is not None
        assert member.read().decode().splitlines() == ["one", "compiled", "hello 1a2b from /app", "no yes"]
    assert Path("/usr/bin/yes").exists()
    assert not Path("/opt/tool").exists()


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
@pytest.mark.parametrize("isolated", [False, True])
def test_an_endpoint_serves_with_the_program_of_a_built_image(
    shop: Workshop, image: dict[str, Any], *, isolated: bool
) -> None:
    sagemaker, name = shop.aws.client("sagemaker"), f"built-{isolated}".lower()
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": f"{REGISTRY}/fraud/train@{image['imageDigest']}"},
        ExecutionRoleArn=shop.aws.role(name, "sagemaker"),
        EnableNetworkIsolation=isolated,
    )
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        return found if found["EndpointStatus"] != "Creating" else None

    found = eventually(look)
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    runtime = shop.aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, Body=b"21", ContentType="application/json")
    assert answer["Body"].read() == b"21"
    sagemaker.delete_endpoint(EndpointName=name)


def test_the_findings_of_a_scan_are_those_that_were_declared(shop: Workshop, image: dict[str, Any]) -> None:
    ecr = shop.aws.client("ecr")
    wanted = {"repositoryName": "fraud/train", "imageId": {"imageDigest": image["imageDigest"]}}
    found = ecr.describe_image_scan_findings(**wanted)
    assert (found["imageScanStatus"]["status"], found["imageScanFindings"]["findings"]) == ("COMPLETE", [])
    scans = {f"{REGISTRY}/fraud/train@*": {"CVE-2026-1": "HIGH", "CVE-2026-2": "LOW"}}
    (shop.aws.directory / "scans.json").write_text(json.dumps(scans))
    findings = ecr.describe_image_scan_findings(**wanted)["imageScanFindings"]
    assert findings["findingSeverityCounts"] == {"HIGH": 1, "LOW": 1}
    assert {finding["name"]: finding["severity"] for finding in findings["findings"]} == {
        "CVE-2026-1": "HIGH",
        "CVE-2026-2": "LOW",
    }
    shop.aws.client("inspector2").enable(accountIds=[MANAGEMENT], resourceTypes=["ECR"])
    enhanced = ecr.describe_image_scan_findings(**wanted)
    assert enhanced["imageScanStatus"]["status"] == "ACTIVE"
    names = [
        enhanced_finding["packageVulnerabilityDetails"]
        for enhanced_finding in enhanced["imageScanFindings"]["enhancedFindings"]
    ]
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


CONTEXT = """\
FROM base:1
COPY . /context/
ADD packed.tar.gz kept.log /unpacked/
COPY --from=base:1 /etc/passwd /passwd
RUN grep -q root /passwd && cd /context && echo "has $(find . -type f | sort | xargs)" && cd /unpacked \\
    && echo "unpacked $(find . -type f | sort | xargs)"
"""


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
def test_a_build_leaves_out_what_is_ignored_unpacks_archives_and_copies_from_images(shop: Workshop) -> None:
    commands = (
        "mkdir -p image/data && cd image && touch data/a data/b kept.log lost.log && tar -czf packed.tar.gz data/a",
        "printf '%s\\n' '# comments, files and exceptions' data '!data/b' '*.log' '!kept.log' > .dockerignore",
        f"cat > Dockerfile <<'EOF'\n{CONTEXT}EOF",
        f"docker build --tag {IMAGE} .",
        "echo Dockerfile > Dockerfile.dockerignore && docker build --file Dockerfile --tag other:1 .",
    )
    shop.inline("contexts", spec(*commands), **PRIVILEGED)
    build = shop.build("contexts")
    log = shop.log(build)
    assert build["buildStatus"] == "SUCCEEDED", log
    assert "has ./.dockerignore ./Dockerfile ./data/b ./kept.log ./packed.tar.gz\n" in log
    assert "has ./.dockerignore ./Dockerfile.dockerignore ./data/a ./data/b ./kept.log ./lost.log ./packed" in log
    assert log.count("unpacked ./data/a ./kept.log\n") == 2


REFUSED = {
    "url": ("ADD https://example.org/tool /tool", "the sandbox adds no files of other hosts"),
    "image": ("COPY --from=other:1 /tool /tool", "other:1: failed to resolve source metadata"),
    "parent": ("COPY ../tool /tool", "forbidden path outside the build context"),
}
"""Instructions that fail, and why."""


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
@pytest.mark.parametrize("source", REFUSED)
def test_a_build_says_what_it_cannot_copy(shop: Workshop, source: str) -> None:
    instruction, reason = REFUSED[source]
    commands = (f"printf 'FROM base:1\\n{instruction}\\n' > Dockerfile", f"docker build -t {IMAGE} .")
    shop.inline(f"refused-{source}", spec(*commands), **PRIVILEGED)
    build = shop.build(f"refused-{source}")
    assert build["buildStatus"] == "FAILED"
    assert reason in shop.log(build)
