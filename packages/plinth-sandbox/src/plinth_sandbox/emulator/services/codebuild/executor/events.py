"""Events of builds (CodeBuild User Guide, "Build notifications input format reference", read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.store.record import Place


def build_changed(place: Place, build: Mapping[str, Any]) -> None:
    """Emits that a build has another status."""
    detail = {"build-status": build["buildStatus"], **_common(build)}
    _publish(place, build, "CodeBuild Build State Change", detail)


def phase_changed(place: Place, build: Mapping[str, Any], phase: Mapping[str, Any]) -> None:
    """Emits that a phase has ended."""
    completed = {
        "completed-phase": phase["phaseType"],
        "completed-phase-status": phase["phaseStatus"],
        "completed-phase-duration-seconds": phase["durationInSeconds"],
        "completed-phase-start": _moment(phase["startTime"]),
        "completed-phase-end": _moment(phase["endTime"]),
        "completed-phase-context": str(_contexts(phase)),
    }
    detail = {**completed, **_common(build)}
    _publish(place, build, "CodeBuild Build Phase Change", detail)


def _publish(place: Place, build: Mapping[str, Any], kind: str, detail: Mapping[str, Any]) -> None:
    outbox.publish(place.account, place.region, "aws.codebuild", kind, detail, resources=[build["arn"]])


def _common(build: Mapping[str, Any]) -> dict[str, Any]:
    environment, artifacts = build["environment"], build.get("artifacts") or {}
    digests = {name: artifacts[name] for name in ("md5sum", "sha256sum") if name in artifacts}
    additional = {
        "artifact": {**digests, "location": artifacts.get("location", "")},
        "environment": {
            "image": environment["image"],
            "privileged-mode": environment.get("privilegedMode", False),
            "compute-type": environment["computeType"],
            "type": environment["type"],
            "environment-variables": environment.get("environmentVariables") or [],
        },
        "timeout-in-minutes": build["timeoutInMinutes"],
        "build-complete": build["buildComplete"],
        "build-number": float(build["buildNumber"]),
        "initiator": build["initiator"],
        "build-start-time": _moment(build["startTime"]),
        "source": {name: build["source"][name] for name in ("location", "type") if name in build["source"]},
        "source-version": build.get("sourceVersion", ""),
        "logs": {"group-name": build["logs"].get("groupName"), "stream-name": build["logs"].get("streamName")},
        "phases": [_phase(phase) for phase in build["phases"]],
    }
    return {
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "additional-information": additional,
        "current-phase": build["currentPhase"],
        "current-phase-context": "[]",
        "version": "1",
    }


def _phase(phase: Mapping[str, Any]) -> dict[str, Any]:
    described = {"phase-type": phase["phaseType"], "start-time": _moment(phase["startTime"])}
    if "endTime" not in phase:
        return described
    return {
        **described,
        "end-time": _moment(phase["endTime"]),
        "duration-in-seconds": phase["durationInSeconds"],
        "phase-status": phase["phaseStatus"],
        "phase-context": _contexts(phase),
    }


def _contexts(phase: Mapping[str, Any]) -> list[str]:
    return [f"{context['statusCode']}: {context['message']}" for context in phase.get("contexts", [])]


def _moment(moment: datetime) -> str:
    """Returns a moment as these events spell it: ``Sep 1, 2017 4:12:29 PM``."""
    return f"{moment:%b} {moment.day}, {moment.year} {moment:%I:%M:%S %p}".replace(" 0", " ")
