"""The program that builds images, run as CodeBuild runs it, with a recording Docker and AWS CLI."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.delivery.image_program import bases
from components.delivery.image_project import image_specification

COMMIT = "1a2b3c4d" * 5
DIGEST = "sha256:" + "d" * 64
REGISTRY = "111111111111.dkr.ecr.eu-west-1.amazonaws.com"
AWS = "763104351884.dkr.ecr.eu-west-1.amazonaws.com"
BASE = f"{AWS}/pytorch-training:2.6.0-cpu@sha256:{'b' * 64}"
RECORDER = f"""#!{sys.executable}
import json, os, pathlib, sys
record = pathlib.Path(os.environ["RECORD"])
words = [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]
with record.open("a") as file:
    file.write(json.dumps(words) + "\\n")
if words[:2] == ["docker", "info"] and "NO_ENGINE" in os.environ:
    sys.exit("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
if words[:2] == ["docker", os.environ.get("FAILING")]:
    sys.exit(1)
if words[1:3] == ["ecr", "get-login-password"]:
    print("password")
if words[1:3] == ["codeartifact", "get-authorization-token"]:
    print("token")
if words[1:3] == ["ecr", "batch-get-image"]:
    repository = words[words.index("--repository-name") + 1]
    calls = [json.loads(line) for line in record.read_text().splitlines()]
    pushed = "EXISTS" in os.environ or any(call[1] == "push" and f"/{{repository}}:" in call[-1] for call in calls)
    print(json.dumps({{"images": [{{"imageId": {{"imageDigest": "{DIGEST}"}}}}] if pushed else []}}))
"""
VALUES = {
    "AWS_REGION": "eu-west-1",
    "BASE_ACCOUNTS": "763104351884,141502667606",
    "BASE_IMAGE": BASE,
    "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
    "IMAGES": "split-data,train",
    "REGISTRY": REGISTRY,
    "REPOSITORIES": "fraud/scoring",
    "TAG": COMMIT,
}


class Run:
    """A run of the build specification in a repository with the given dockerfiles."""

    def __init__(self, folder: Path, dockerfiles: dict[str, str], **values: str) -> None:
        tools, record = folder / "tools", folder / "record"
        tools.mkdir()
        (tools / "python3").symlink_to(Path(sys.executable).resolve())
        for name in ("docker", "aws"):
            (tools / name).write_text(RECORDER)
            (tools / name).chmod(0o755)
        for step, text in dockerfiles.items():
            file = folder / "source" / "algorithms" / step / "dockerfile"
            file.parent.mkdir(parents=True)
            file.write_text(text)
        # A module of the repository with the name of one of the standard library is not imported.
        (folder / "source" / "json.py").write_text("raise SystemExit('code of the repository ran')")
        (command,) = json.loads(image_specification())["phases"]["build"]["commands"]
        variables = {**VALUES, **values, "RECORD": str(record), "PATH": f"{tools}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder / "source", env=variables, capture_output=True, text=True, check=False
        )
        self.status, self.log = done.returncode, done.stdout + done.stderr
        self.calls = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []

    def docker(self, verb: str) -> list[list[str]]:
        return [call for call in self.calls if call[:2] == ["docker", verb]]


STEPS = {"training/train": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n", "preprocessing/split_data": f"FROM {BASE}\n"}


@pytest.mark.requirement("CI-05.a", "CI-05.b", level="declared")
def test_the_image_of_each_dockerfile_is_pushed_with_the_commit_as_tag_and_named_by_its_digest(tmp_path):
    run = Run(tmp_path, STEPS)
    assert run.status == 0, run.log
    images = [f"{REGISTRY}/fraud/scoring/{name}:{COMMIT}" for name in ("split-data", "train")]
    assert [call[-1] for call in run.docker("push")] == images
    assert [call[call.index("--tag") + 1] for call in run.docker("build")] == images
    assert [call[-1] for call in run.docker("build")] == [
        "algorithms/preprocessing/split_data",
        "algorithms/training/train",
    ]
    assert f"train: {REGISTRY}/fraud/scoring/train@{DIGEST}" in run.log
    assert [call[-1] for call in run.docker("login")] == sorted([REGISTRY, AWS])


PLATFORM = {"IMAGES": "plinth", "ROOT_IMAGE": "plinth", "REPOSITORIES": ""}
"""Variables of the project of the platform's image."""


def test_the_image_of_a_whole_repository_is_built_from_its_own_dockerfile_and_from_no_other(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n")
    run = Run(tmp_path, STEPS, **PLATFORM)
    assert run.status == 0, run.log
    assert [call[-1] for call in run.docker("push")] == [f"{REGISTRY}/plinth:{COMMIT}"]
    (build,) = run.docker("build")
    assert (build[build.index("--file") + 1], build[-1]) == ("dockerfile", ".")
    assert f"plinth: {REGISTRY}/plinth@{DIGEST}" in run.log


def test_a_repository_without_the_dockerfile_of_its_image_is_refused(tmp_path):
    run = Run(tmp_path, STEPS, **PLATFORM)
    assert (run.status, run.calls) == (1, [])
    assert "dockerfile: the repository has no such file, from which the image plinth is built" in run.log


def test_the_tag_of_a_feature_branch_ends_in_the_commit(tmp_path):
    run = Run(tmp_path, {"training/train": f"FROM {BASE}\n"}, TAG=f"feature-drift-0123456789-{COMMIT}")
    assert run.status == 0, run.log
    assert [call[-1].rpartition(":")[2] for call in run.docker("push")] == [f"feature-drift-0123456789-{COMMIT}"]


@pytest.mark.parametrize("tag", ["", "latest", "f" * 40, f"{COMMIT}-2"])
def test_a_tag_that_names_another_commit_builds_nothing(tmp_path, tag):
    run = Run(tmp_path, STEPS, TAG=tag)
    assert (run.status, run.calls) == (1, [])
    assert f"TAG: {tag or '(empty)'} does not name the commit {COMMIT}" in run.log


def test_a_missing_container_engine_fails_the_build_with_its_reason(tmp_path):
    run = Run(tmp_path, STEPS, NO_ENGINE="yes")
    assert run.status == 1
    assert "no container engine answers: Cannot connect to the Docker daemon" in run.log
    assert run.docker("build") == []


@pytest.mark.parametrize("failing", ["login", "build", "push"])
def test_a_failing_docker_fails_the_build(tmp_path, failing):
    run = Run(tmp_path, STEPS, FAILING=failing)
    assert run.status == 1
    assert f"docker {failing} failed with exit status 1" in run.log


def test_an_image_that_exists_is_not_built_again(tmp_path):
    run = Run(tmp_path, STEPS, EXISTS="yes")
    assert (run.status, run.docker("build"), run.docker("push")) == (0, [], [])
    assert "train: " in run.log


def test_a_step_without_an_image_repository_is_named(tmp_path):
    run = Run(tmp_path, STEPS, IMAGES="train")
    assert (run.status, run.calls) == (1, [])
    assert "algorithms/preprocessing/split_data/dockerfile: no image repository is named split-data" in run.log
    assert "delivery.images" in run.log


def test_the_package_index_is_a_secret_of_the_build(tmp_path):
    packages = {"PACKAGE_DOMAIN": "acme", "PACKAGE_OWNER": "222222222222", "PACKAGE_REPOSITORY": "pypi"}
    run = Run(tmp_path, {"training/train": f"FROM {BASE}\n"}, **packages)
    assert run.status == 0, run.log
    (build,) = run.docker("build")
    assert "--secret=id=pip_index_url,env=PIP_INDEX_URL" in build
    assert "token" not in json.dumps(build)


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ("python:3.11", "is no image of ECR that is named by its digest"),
        (f"{AWS}/pytorch-training:2.6.0-cpu", "is no image of ECR that is named by its digest"),
        (
            BASE.replace("eu-west-1", "us-east-1"),
            "is in us-east-1; the private network reaches registries of eu-west-1",
        ),
        (BASE.replace("763104351884", "999999999999"), "is in the registry of 999999999999, which is none of"),
    ],
)
def test_a_base_image_that_builds_cannot_reach_or_a_push_could_change_is_refused(tmp_path, base, reason):
    run = Run(tmp_path, {"training/train": f"# base\nFROM {base}\n"})
    assert (run.status, run.calls) == (1, [])
    assert f"algorithms/training/train/dockerfile:2: the base image {base} {reason}" in run.log
    assert "plinth:organization.images.base" in run.log


def test_without_a_base_image_of_the_organization_its_variable_is_named_as_empty(tmp_path):
    run = Run(tmp_path, {"training/train": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n"}, BASE_IMAGE="")
    assert (run.status, run.calls) == (1, [])
    assert "dockerfile:2: the base image (empty) is no image of ECR" in run.log


def test_base_images_are_found_in_every_instruction_that_names_one():
    dockerfile = """
ARG VERSION=3 \\
FROM ignored
ARG BASE=python:${VERSION}
FROM --platform=linux/amd64 ${BASE} AS build
# FROM commented
FROM build AS test
FROM ${OTHER:-alpine:3} as second
COPY --from=build /a /b
COPY --chown=1 --from=uv:1 /uv /uv
RUN --mount=type=bind,from=cache:2,target=/c make
COPY --from=0 /a /b
FROM scratch
"""
    found = [image for _, image in bases(dockerfile, {})]
    assert found == ["python:3", "alpine:3", "uv:1", "cache:2"]
