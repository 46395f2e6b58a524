"""Renders pipeline definitions without access to AWS. One commit always gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

from shared_libraries.project.configuration import FILE, read_configuration
from shared_libraries.project.definitions.offline import load, offline, rendered
from shared_libraries.project.definitions.soundness import refuse_unsound
from shared_libraries.project.foundation import Foundation, read_foundation
from shared_libraries.project.git import Revision, revision
from shared_libraries.project.images import dockerfiles
from shared_libraries.project.minimum_gates import refuse_weak_gates


def pipelines(root: Path) -> list[str]:
    """Returns the names of the pipelines, which are the folders of ``ml_pipelines`` with a definition."""
    return sorted(file.parent.name for file in (root / "ml_pipelines").glob("*/ml-pipeline-*.py"))


def render(root: Path, name: str, at: Revision | None = None) -> str:
    """Returns the definition of a pipeline as indented JSON. Raises ProjectError."""
    foundation = read_foundation(root)
    at = at or revision(root)
    with offline(foundation.region):
        return _definition(root, name, foundation, at)


def _definition(root: Path, name: str, foundation: Foundation, at: Revision) -> str:
    from shared_libraries.project.jobs import Jobs

    source = f"ml_pipelines/{name}/ml-pipeline-{name}.py"
    module = load(root, source)
    file = root / "ml_pipelines" / name / FILE
    configuration = read_configuration(file, root)
    refuse_weak_gates(configuration, foundation.minimum_gates, file.relative_to(root).as_posix())
    jobs = Jobs(foundation, configuration, at, frozenset(dockerfiles(root)))
    text = rendered(
        jobs.names.pipeline(name),
        parameters=jobs.parameters,
        steps=module.steps(jobs),
        region=foundation.region,
        bucket=foundation.development.bucket,
    )
    refuse_unsound(json.loads(text), source, registers=True)
    return text
