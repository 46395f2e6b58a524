"""Renders the processing job that compares captured requests with the baseline, without AWS.

The code of the job and of the function that starts it is :mod:`plinth_project.monitoring` of the installed library, so
that a release keeps the version of the code with which it was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plinth_project.definitions.requests import Place, ProcessingRequest
from plinth_project.deployment.foundation import STACKS, Environment, Foundation
from plinth_project.deployment.inference import Monitoring
from plinth_project.monitoring.effects.bus import bus_arn

ARCHIVE = "model.tar.gz"
"""File of the model in the folder of a version."""

JOB, START = "plinth_project.monitoring.job", "plinth_project.monitoring.start.handle"
"""Module of the job, and handler of the function that starts it."""
SUBJECT, REQUEST = "subject.json", "request.json"
"""Files beside the code: what is compared, and the request of the job without its window."""
BASELINE = ("statistics", "constraints")
"""Files of the baseline in the folder of a version, without ``.json``."""
_PACKAGE = Path(__file__).parents[1]


def version_folder(version_arn: str) -> str:
    """Returns the folder of a version in the monitoring data: its number with leading zeros, ``00009`` before
    ``00010``."""
    return f"{int(version_arn.rpartition('/')[2]):05}"


def render_request(
    foundation: Foundation,
    environment: Environment,
    configuration: Monitoring,
    *,
    image: str,
    version_uri: str,
    version_arn: str,
) -> str:
    """Returns the request of the job as JSON. The function adds its name, the folder of the code, and the window."""
    account = foundation.account(environment)
    bucket = f"s3://{account.bucket}/{foundation.use_case}/monitoring"
    model = {"model": f"{version_uri}{ARCHIVE}"} if configuration.explains_predictions else {}
    request = ProcessingRequest(
        module=JOB,
        image=image,
        code=f"{bucket}/code/",
        inputs={**{name: f"{version_uri}{name}.json" for name in BASELINE}, **model},
        outputs={"report": f"{bucket}/results/{version_folder(version_arn)}/"},
        instance=configuration.instance,
        volume_gib=configuration.volume_gib,
        minutes=configuration.minutes,
        # It reads the captures of its window, of which there may be none, and publishes metrics.
        isolated=False,
    ).request(_place(foundation, environment))
    return json.dumps(request, indent=2) + "\n"


def render_subject(
    foundation: Foundation,
    environment: Environment,
    configuration: Monitoring,
    *,
    features: Sequence[str],
    variant: str,
    version_arn: str,
    capture_percentage: int,
) -> str:
    """Returns what the job compares as JSON: a version, its columns, where its requests are captured, and where ground
    truth arrives."""
    version = version_folder(version_arn)
    prefix = foundation.prefix(environment)
    subject: Mapping[str, Any] = {
        "use_case": f"{foundation.team}/{foundation.use_case}",
        "environment": STACKS[environment],
        "version": version_arn,
        "features": list(features),
        "window": configuration.window,
        "bucket": foundation.account(environment).bucket,
        "captures": f"{foundation.use_case}/monitoring/capture/{version}/{prefix}/{variant}/",
        "capture_percentage": capture_percentage,
        "results": f"{foundation.use_case}/monitoring/results/{version}/",
        "predictions": f"{foundation.use_case}/monitoring/predictions/{version}/",
        "ground_truth": f"{foundation.use_case}/monitoring/ground-truth/",
        "ground_truth_days": configuration.ground_truth_days,
        "switch": f"{foundation.use_case}/monitoring/switch/predictions.json",
        "stops_predictions_on": list(configuration.stops_predictions_on),
        "bus": bus_arn(foundation.monitoring_bus, version_arn) if environment == "prod" else "",
    }
    return json.dumps(subject, indent=2) + "\n"


def schedule_of(configuration: Monitoring) -> str:
    """Returns the schedule of the comparisons: after the end of a window, when its last requests are captured."""
    return "cron(20 * * * ? *)" if configuration.window == "hour" else "cron(30 0 * * ? *)"


def code_files() -> dict[str, Path]:
    """Returns the files of the library that the function and the job need, by their path in the archive."""
    files = [
        *(_PACKAGE / name for name in ("__init__.py", "metadata.py")),
        *sorted((_PACKAGE / "monitoring").rglob("*.py")),
    ]
    return {f"{_PACKAGE.name}/{file.relative_to(_PACKAGE).as_posix()}": file for file in files}


def _place(foundation: Foundation, environment: Environment) -> Place:
    account = foundation.account(environment)
    return Place(
        jobs=f"{foundation.prefix(environment)}-monitor",
        role_arn=foundation.role_arn("monitoring", environment),
        region=foundation.region,
        key_arn=account.key_arn,
        subnets=account.subnets,
        security_groups=account.security_groups,
        tags=foundation.job_tags(environment),
    )
