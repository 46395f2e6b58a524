"""Bad input in settings of the runner of requests."""

from __future__ import annotations

from typing import Any

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, Case, organization

_SETTING = ORGANIZATION + "request_runner"
_RUNNER = {"image": f"sha256:{'a' * 64}", "state_bucket": "acme-states"}
_SECRET = "arn:aws:secretsmanager:{region}:444444444444:secret:plinth/workflows-a1B2c3"
_KEY = "arn:aws:kms:{region}:123456789012:key/states"


def _organization(*, phase: str = "scalable", placement: str = "large", **changes: Any) -> dict[str, Any]:
    return organization(phase=phase, placement=placement, request_runner={**_RUNNER, **changes})


_IMAGE = ORGANIZATION + "platform_image"
_BASE = f"222222222222.dkr.ecr.{{region}}.amazonaws.com/pulumi/pulumi-python@sha256:{'0' * 64}"


def _image(*, phase: str = "scalable", region: str = "eu-west-1", **changes: Any) -> Any:
    base = _BASE.format(region=region)
    return organization(phase=phase, **{"packages": {}, "platform_image": {"base": base}, **changes})


IMAGES = [
    Case(
        220,
        "image of the platform before the tooling account",
        _image(phase="initial", packages=None),
        Code.NOT_IN_PHASE,
        _IMAGE,
        ("needs the tooling account, which phase initial does not have", "set phase: repeatable"),
    ),
    Case(
        220,
        "image of the platform without a package repository",
        _image(packages=None),
        Code.FIELD_MISSING,
        _IMAGE,
        ("installs the dependencies of Plinth from the package repository", "set packages: {}"),
    ),
    Case(
        220,
        "image of the platform from a base image by tag",
        _image(platform_image={"base": "222222222222.dkr.ecr.eu-west-1.amazonaws.com/pulumi/pulumi-python:3"}),
        Code.FORMAT,
        f"{_IMAGE}.base",
        ("is not an image of ECR by its digest",),
    ),
    Case(
        220,
        "image of the platform from a base image of another region",
        _image(region="ap-south-1"),
        Code.REGION_FEATURE,
        f"{_IMAGE}.base",
        ("is in ap-south-1", "name the image in eu-west-1"),
    ),
]
RUNNERS = [
    *IMAGES,
    Case(
        220,
        "runner of requests before the governance account",
        _organization(phase="reliable"),
        Code.NOT_IN_PHASE,
        _SETTING,
        ("needs the governance account, which phase reliable does not have", "set phase: scalable"),
    ),
    Case(
        220,
        "runner of requests in the management account",
        _organization(placement="small"),
        Code.RUNNER,
        _SETTING,
        ("in the management account", "placement: {preset: large}"),
    ),
    Case(
        220,
        "runner of requests with an image by tag",
        _organization(image="plinth:1"),
        Code.FORMAT,
        f"{_SETTING}.image",
        ("sha256:",),
    ),
    Case(
        220,
        "runner of requests with a secret by name",
        _organization(workflows={"connection": "plinth/workflows", "cidr": "10.0.64.0/22"}),
        Code.FORMAT,
        f"{_SETTING}.workflows.connection",
        ("is not the ARN of a secret", "with its last six characters"),
    ),
    Case(
        220,
        "runner of requests with a secret of another region",
        _organization(workflows={"connection": _SECRET.format(region="ap-south-1"), "cidr": "10.0.64.0/22"}),
        Code.REGION_NOT_ALLOWED,
        f"{_SETTING}.workflows.connection",
        ("is a secret of ap-south-1", "replicate the secret to eu-west-1"),
    ),
    Case(
        220,
        "runner of requests with a database of yours and one that it creates",
        _organization(
            workflows={"connection": _SECRET.format(region="eu-west-1"), "cidr": "10.0.64.0/22"},
            serverless_workflows={},
        ),
        Code.RUNNER,
        f"{_SETTING}.workflows",
        ("beside serverless_workflows", "remove one of them"),
    ),
    Case(
        220,
        "runner of requests with a database that pauses after four minutes",
        _organization(serverless_workflows={"pause_minutes": 4}),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.serverless_workflows.pause_minutes",
        ("5",),
    ),
    Case(
        220,
        "runner of requests with a database whose backups are deleted within the week",
        _organization(serverless_workflows={"backup_days": 6}),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.serverless_workflows.backup_days",
        ("7",),
    ),
    Case(
        220,
        "runner of requests with a database without capacity",
        _organization(serverless_workflows={"max_capacity": 0}),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.serverless_workflows.max_capacity",
        ("1",),
    ),
    Case(
        220,
        "runner of requests without a bucket of states",
        organization(phase="scalable", placement="large", request_runner={"image": _RUNNER["image"]}),
        Code.FIELD_MISSING,
        f"{_SETTING}.state_bucket",
        (),
    ),
    Case(
        220,
        "runner of requests with a key of another region",
        _organization(state_keys=[_KEY.format(region="ap-south-1")]),
        Code.REGION_NOT_ALLOWED,
        f"{_SETTING}.state_keys[0]",
        ("is a key of ap-south-1", "region of the state bucket"),
    ),
    Case(
        220,
        "runner of requests that looks every minute",
        _organization(interval_minutes=1),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.interval_minutes",
        ("5",),
    ),
    Case(
        220,
        "runner of requests with an hour that no day has",
        _organization(drift_hour=24),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.drift_hour",
        ("23",),
    ),
    Case(
        220,
        "runner of requests with a compute type of another service",
        _organization(compute_type="m5.large"),
        Code.NOT_ALLOWED,
        f"{_SETTING}.compute_type",
        ("BUILD_GENERAL1_MEDIUM",),
    ),
    Case(
        220,
        "runner of requests with builds longer than CodeBuild allows",
        _organization(timeout_minutes=5000),
        Code.OUT_OF_RANGE,
        f"{_SETTING}.timeout_minutes",
        ("2160",),
    ),
]
