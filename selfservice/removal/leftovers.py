"""Finds stacks that are deployed but not in the settings: of a team without a file, or of a part that was removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

from selfservice.checks.account_pinning import deployed_account
from selfservice.engine.backend import backend_of
from selfservice.fingerprints.layout import Layout
from selfservice.operations.schedule import Graph
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack


def leftover_stacks(project: Project) -> list[str]:
    """Returns the stacks that hold resources and are not in the settings, in dependency order.

    Stacks whose names Plinth would not give are not its own.
    """
    unknown = [stack for stack in existing_stacks(project) if stack not in project.graph]
    held = resources_by_stack(project, unknown)
    return list(graph_by_names([stack for stack in unknown if held[stack]]))


def with_leftovers(project: Project) -> Project:
    """Returns the project with the leftover stacks in its graph, so that they can be destroyed."""
    left = graph_by_names(leftover_stacks(project))
    known = {**project.graph, **left}
    graph = {stack: tuple(need for need in needs if need in known) for stack, needs in left.items()}
    accounts = {
        stack: deployed_account(held) or stack for stack, held in resources_by_stack(project, list(left)).items()
    }
    return replace(project, graph={**project.graph, **graph}, account_of={**project.account_of, **accounts})


def teams_without_file(directory: Path) -> Mapping[str, list[str]]:
    """Returns the deployed stacks of each team that has no settings file, by team.

    It needs no valid settings, because a missing file often is what makes them invalid. States that only the engine can
    read are not searched: it would take a second in every command.
    """
    backend = backend_of(directory)
    if backend is None:
        return {}
    folder = Layout.of(directory).settings_directory
    found: dict[str, list[str]] = {}
    for stack, team in sorted(_teams_of(backend.stacks()).items()):
        if not declares_team(folder, team) and (backend.deployment(stack) or {}).get("resources"):
            found.setdefault(team, []).append(stack)
    return found


def declares_team(folder: Path, team: str) -> bool:
    """Returns whether a team's file has settings. The engine writes a file with its own keys if there is none."""
    try:
        return "plinth:team" in (folder / f"Pulumi.{team}.yaml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def _teams_of(stacks: Collection[str]) -> dict[str, str]:
    """Returns the team of each stack that belongs to one. Stacks with a foreign name are omitted."""
    from settings.derived.stack_graph import StackIdentity
    from settings.types.errors import SettingsError

    teams: dict[str, str] = {}
    for stack in stacks:
        try:
            team = StackIdentity.parse(stack).team
        except SettingsError:
            continue
        if team is not None:
            teams[stack] = team
    return teams


def graph_by_names(stacks: Collection[str]) -> Graph:
    """Returns the dependencies of stacks as their names alone determine them, without stacks of foreign names."""
    from settings.derived.stack_graph import CLUSTER_STACKS, CLUSTER_TOOLS, Replica, StackIdentity, stacks_in
    from settings.types.errors import SettingsError

    parsed: dict[str, StackIdentity] = {}
    for stack in stacks:
        try:
            parsed[stack] = StackIdentity.parse(stack)
        except SettingsError:
            continue
    studios: dict[str, set[int]] = {}
    for identity in parsed.values():
        if identity.kind == "studio":
            studios.setdefault(identity.environment_stack.name, set()).add(identity.number)
    datasets = {each.dataset: () for each in parsed.values() if each.dataset is not None}
    possible = stacks_in(
        "scalable",
        {each.team for each in parsed.values() if each.team is not None},
        studios,
        datasets,
        dict.fromkeys(datasets, ()),
        {each.feature_group: () for each in parsed.values() if each.feature_group is not None},
        [each.environment_stack.name for each in parsed.values() if each.kind == "intake"],
        use_cases=[(each.team, each.use_case) for each in parsed.values() if each.team and each.use_case],
        replicas=[kind for kind in get_args(Replica) if kind in parsed],
        copied=datasets if "lake-replica" in parsed else (),
        cluster="tooling" if set(CLUSTER_STACKS) & set(parsed) else None,
        in_cluster=[tool for tool in CLUSTER_TOOLS if tool in parsed],
    )
    return {
        dependent.name: tuple(need.name for need in needs)
        for dependent, needs in possible.items()
        if dependent.name in parsed
    }
