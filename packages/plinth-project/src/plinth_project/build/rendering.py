"""Renders pipeline definitions without access to AWS. One commit always gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

from plinth_project.build.configuration import FILE, read_configuration
from plinth_project.build.foundation import Foundation, read_foundation
from plinth_project.build.gates.minimum import refuse_weak_gates
from plinth_project.build.gates.trend import no_limit
from plinth_project.build.git import Revision, revision
from plinth_project.build.images import dockerfiles
from plinth_project.build.problems import read_problems
from plinth_project.definitions.offline import offline, rendered
from plinth_project.definitions.soundness import refuse_unsound
from plinth_project.documents import ProjectError
from plinth_project.modules import importable, load


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
    source = f"ml_pipelines/{name}/ml-pipeline-{name}.py"
    if not (root / source).is_file():
        raise ProjectError(f"{source}: missing")
    file = root / "ml_pipelines" / name / FILE
    configuration = read_configuration(file, root)
    problems = read_problems(root)
    refuse_weak_gates(configuration, foundation.minimum_gates, problems, file.relative_to(root).as_posix())
    from plinth_project.build.jobs import Jobs  # imports the SDK, which takes seconds

    # Pipelines import modules of the steps.
    with importable(root / "algorithms"):
        module = load(root, source)
        unlimited = no_limit(configuration.trend, root) if configuration.trend else None
        jobs = Jobs(foundation, configuration, at, frozenset(dockerfiles(root)), unlimited)
        steps = module.steps(jobs)
    text = rendered(
        jobs.names.pipeline(name),
        parameters=jobs.parameters,
        steps=steps,
        region=foundation.region,
        bucket=foundation.development.bucket,
    )
    refuse_unsound(json.loads(text), source, registers=True)
    return text
