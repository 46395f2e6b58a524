"""Assesses what is deployed, from the states of the stacks. Nothing is asked of AWS."""

from __future__ import annotations

from pathlib import Path

from selfservice.assessment.assessment import Assessment, assess
from selfservice.errors import NotConnectedError
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.projects.states import existing_stacks, resources_by_stack


def assess_project(directory: Path) -> Assessment:
    """Returns the assessment of a project.

    Raises: SettingsError; BadInputError, also if the states cannot be read.
    """
    from settings.files.validation_cache import load_cached

    project = open_project(directory)
    require_engine(project.directory)
    foundation = load_cached(project.directory)
    return assess(
        foundation.organization.name,
        foundation.organization.phase,
        list(foundation.teams),
        resources_by_stack(project, _deployed(project)),
    )


def _deployed(project: Project) -> list[str]:
    """Returns the stacks of the settings that have a state. Raises: NotConnectedError."""
    from pulumi import automation

    from selfservice.engine.automation import last_words

    try:
        existing = existing_stacks(project)
    except automation.CommandError as error:
        raise NotConnectedError(f"the states cannot be read ({last_words(error)})") from error
    return [stack for stack in project.graph if stack in existing]
