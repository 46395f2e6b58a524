"""The command ``repeat``: runs the training of an earlier build again, and compares the results."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from plinth_project.build.foundation import Foundation, read_foundation
from plinth_project.build.git import Revision
from plinth_project.build.images import IMAGE
from plinth_project.build.lineage import MONITORING_REPORT, TRIGGER
from plinth_project.build.repetition.comparison import causes, differences, shortened
from plinth_project.build.repetition.definition import instances, repeated_definition, reports
from plinth_project.build.repetition.recorded import RecordedBuild
from plinth_project.build.submission import Cause, Submission, started
from plinth_project.definitions.offline import write
from plinth_project.documents import ProjectError
from plinth_project.metadata import metadata_value
from plinth_project.names import MAIN

FOLDER = "repetition"
"""File of the folder ``build`` with the result, and last part of the name of the pipeline."""


def repeat(root: Path, pipeline: str, build_id: str, sessions: tuple[Any, Any]) -> None:
    """Runs the steps of a build of ``main`` again, with its code, data, images and parameters, as a build of its own.
    Registers nothing. ``sessions`` are those of the registry and of the operator role.

    Raises: ProjectError if the build cannot be repeated, and if a report differs by more than the tolerance that the
    configuration of the build recorded. It then names the differences and what can explain them.
    """
    foundation, (registry, development) = read_foundation(root), sessions
    recorded = RecordedBuild(foundation=foundation, pipeline=pipeline, build_id=build_id, development=development)
    committed, definition = recorded.committed_code(root), repeated_definition(recorded.definition)
    before = recorded.reports(definition)
    _refuse_missing_images(foundation, registry, recorded.parameters)
    reason = f"repetition of {build_id}"
    again = Submission(
        root=root,
        pipeline=f"{pipeline}-{FOLDER}",
        foundation=foundation,
        revision=Revision(branch=MAIN[0], commit=recorded.commit),
        definition=json.dumps(definition, indent=2) + "\n",
        registry=registry,
        development=development,
        at=started(os.environ),
        cause=Cause(reason=reason),
    )
    recorded.copy_to(again.prefix)
    again.update_pipeline()
    given = {**recorded.parameters, "BuildId": again.build, TRIGGER: metadata_value(reason)}
    execution = again.start_with({name: value for name, value in given.items() if name != MONITORING_REPORT})
    print(f"{again.build}: {execution}", flush=True)
    result = again.wait(execution)
    if result["status"] != "Succeeded":
        raise ProjectError(*result["reasons"])
    now = {name: json.loads(recorded.bucket.read(key)) for name, key in reports(definition, again.prefix)}
    found = [
        difference for name in before for difference in differences(before[name], now[name], recorded.tolerance, name)
    ]
    named = causes(found, recorded.changed_code(committed), recorded.parameters) if found else []
    document = {
        "build_id": again.build,
        "repeats": build_id,
        "commit": recorded.commit,
        "tolerance": recorded.tolerance,
        "instances": instances(definition),
        "differences": shortened(found),
        "causes": named,
    }
    text = json.dumps(document, indent=2)
    write(root, FOLDER, text + "\n")
    print(text)
    if found:
        raise ProjectError(f"{again.build} differs from {build_id}", *shortened(found), *named)
    print(f"{again.build} gives the results of {build_id}.")


def _refuse_missing_images(foundation: Foundation, registry: Any, parameters: dict[str, str]) -> None:
    """Raises ProjectError if an image of the registry has been deleted since."""
    own = f"{foundation.registry.account_id}.dkr.ecr."
    for name, uri in parameters.items():
        repository, _, digest = uri.partition("/")[2].partition("@")
        if not (name.startswith(IMAGE) and uri.startswith(own) and digest):
            continue
        asked = {"repositoryName": repository, "imageIds": [{"imageDigest": digest}]}
        if not registry.client("ecr").batch_get_image(**asked)["images"]:
            raise ProjectError(f"repeat: image: {uri} has been deleted; train again instead")
