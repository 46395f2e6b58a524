"""What the commands do. Everything that a command needs is imported here, when the command runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from selfservice.checks.account_pinning import refuse_moves
from selfservice.checks.protection import refuse_needed, refuse_protected
from selfservice.cli import drawing
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.runner.operation import Action
from selfservice.runner.prepared import PreparedProcess
from selfservice.runner.project import Project, find_directory, open_project, require_engine
from selfservice.runner.selection import refuse_durable, select
from selfservice.runner.session import Choices, carry_out

CHECKS = "plinth.checks"
"""Entry points of other rooms that say what they have of the set-up: functions that return rows."""


def run(name: str, directory: Path, options: Mapping[str, Any]) -> ExitCode:
    """Run a command by its name. What a person can mend is said without a traceback."""
    from settings.types.errors import SettingsError

    try:
        return _COMMANDS[name](directory, options)
    except SettingsError as error:
        click.echo(f"{error}\nNothing was touched.", err=True)
        return ExitCode.BAD_INPUT
    except BadInputError as error:
        click.echo(f"error: {error}", err=True)
        return ExitCode.BAD_INPUT
    except RefusedError as error:
        click.echo(f"refused: {error}", err=True)
        return ExitCode.REFUSED


def _operate(action: Action, directory: Path, options: Mapping[str, Any]) -> ExitCode:
    with closing(PreparedProcess()) as prepared:
        return _operate_from(prepared, action, directory, options)


def _operate_from(prepared: PreparedProcess, action: Action, directory: Path, options: Mapping[str, Any]) -> ExitCode:
    # A refresh asks AWS, which no fingerprint knows of. Stacks that are named are run: somebody wants to see them.
    skip = options.get("skip", False) and options["everything"] and not options["refresh"]
    if not skip:
        prepared.prepare([])  # it starts while the settings are read
    project = open_project(directory)
    stacks = select(project.graph, stacks=options["stacks"], team=options["team"], everything=options["everything"])
    if not skip and action is not Action.DESTROY:
        prepared.prepare(stacks)
    if action is Action.DESTROY:
        refuse_durable(stacks)
    require_engine()
    if action is Action.DESTROY:
        refuse_needed(project, stacks)
        refuse_protected(project, stacks)
    else:
        refuse_moves(project, stacks)
        _tell_relaxed_rules(project)
    if action is not Action.PREVIEW:
        _confirm(action, stacks, agreed=options["yes"])
    choices = Choices(
        action=action,
        stacks=stacks,
        policy_packs=tuple(pack.resolve() for pack in options.get("policy_packs", ())),
        refresh=options["refresh"],
        parallel=options["parallel"],
        jobs=options["jobs"],
        expect_no_changes=options.get("expect_no_changes", False),
        skip=skip,
    )
    report = carry_out(project, choices, prepared, sys.stderr if options["as_json"] else sys.stdout)
    click.echo(report.as_json() if options["as_json"] else f"\n{report.as_text()}")
    return report.exit_code


def _tell_relaxed_rules(project: Project) -> None:
    """A placement that merges accounts is legal, and what it gives up for that is never silent."""
    for rule in project.relaxed_rules:
        click.echo(f"relaxed by the placement: {rule}", err=True)


def _confirm(action: Action, stacks: list[str], *, agreed: bool) -> None:
    if agreed:
        return
    if sys.stdin.isatty():
        if not click.confirm(f"{action} {', '.join(stacks)}?", err=True):
            raise BadInputError("nothing was done")
    elif action is Action.DESTROY:
        raise BadInputError("destroy asks before it begins, and there is nobody to ask: pass --yes")


def _outputs(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.engine.outputs import as_json, as_text, read

    project = open_project(directory)
    (stack,) = select(project.graph, stacks=[options["stack"]], team=None, everything=False)
    require_engine()
    values = read(project, stack, show_secrets=options["show_secrets"])
    click.echo(as_json(values) if options["as_json"] else as_text(values))
    return ExitCode.OK


def _graph(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    project = open_project(directory)
    _tell_relaxed_rules(project)
    if options["form"] == "accounts":
        from selfservice.cli.account_boxes import account_boxes, organization_units
        from settings.files.validation_cache import load_cached

        foundation = load_cached(project.directory)
        units, boxes = tuple(organization_units(foundation)), tuple(account_boxes(foundation))
        click.echo(drawing.account_map(project.organization, units, boxes))
    else:
        click.echo(_FORMS[options["form"]](project.graph))
    return ExitCode.OK


def _affected(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.fingerprints.affected import affected, as_json, as_text

    touched = affected(open_project(directory), options["since"])
    click.echo(as_json(touched, options["since"]) if options["as_json"] else as_text(touched))
    return ExitCode.OK


def _cost(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.cost.bill import bill
    from selfservice.reports.cost.prices import PriceTable
    from selfservice.reports.cost.report import as_json, as_text
    from settings.files.validation_cache import load_cached

    foundation = load_cached(find_directory(directory))
    table = PriceTable.of(options["prices_of"] or foundation.organization.home_region)
    wanted = bill(foundation, table, teams=options["teams"])
    click.echo(as_json(wanted) if options["as_json"] else as_text(wanted))
    return ExitCode.OK


def _list_datasets(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.data import as_json, list_as_text
    from settings.files.validation_cache import load_cached

    foundation = load_cached(find_directory(directory))
    datasets, groups = list(foundation.datasets.values()), list(foundation.feature_groups.values())
    click.echo(as_json(foundation, datasets, groups) if options["as_json"] else list_as_text(foundation))
    return ExitCode.OK


def _show_dataset(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.data import as_json, chosen, dataset_as_text, group_as_text
    from settings.data.feature_group import FeatureGroup
    from settings.files.validation_cache import load_cached

    foundation = load_cached(find_directory(directory))
    found = chosen(foundation, options["dataset"])
    if isinstance(found, FeatureGroup):
        click.echo(as_json(foundation, [], [found]) if options["as_json"] else group_as_text(foundation, found))
    else:
        click.echo(as_json(foundation, [found]) if options["as_json"] else dataset_as_text(foundation, found))
    return ExitCode.OK


def _search_data(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.data_search import matches_as_json, matches_as_text, search
    from settings.files.validation_cache import load_cached

    words = options["words"]
    found = list(search(load_cached(find_directory(directory)), words))
    click.echo(matches_as_json(found) if options["as_json"] else matches_as_text(found, words))
    return ExitCode.OK


def _show_freshness(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.freshness import as_json, as_text, freshness_of
    from settings.files.validation_cache import load_cached

    project = open_project(directory)
    datasets = load_cached(project.directory).datasets
    wanted = options["datasets"] or tuple(datasets)
    for name in wanted:
        if name not in datasets:
            raise BadInputError(f"there is no dataset {name}; there are: {', '.join(sorted(datasets)) or 'none'}")
    require_engine()
    found = freshness_of(project, [datasets[name] for name in wanted])
    click.echo(as_json(found) if options["as_json"] else as_text(found))
    return ExitCode.OK


def _show_grants(directory: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.reports.data import every_reading, grants_as_json, grants_as_text
    from selfservice.reports.pushed_data import pushes, pushes_as_text
    from selfservice.reports.returned_data import returns, returns_as_text
    from settings.files.validation_cache import load_cached

    foundation = load_cached(find_directory(directory))
    team = options["team"]
    if team is not None and team not in foundation.teams:
        raise BadInputError(f"there is no team {team}; there are: {', '.join(foundation.teams) or 'none'}")
    read = [reading for reading in every_reading(foundation) if team in (None, reading.team)]
    returned = [one for one in returns(foundation, foundation.datasets.values()) if team in (None, one.team)]
    pushed = [one for one in pushes(foundation, foundation.datasets.values()) if team in (None, one.team)]
    if options["as_json"]:
        click.echo(grants_as_json(read, pushed, returned))
    else:
        told = (grants_as_text(read), pushes_as_text(pushed), returns_as_text(returned))
        click.echo("\n".join(part for part in told if part))
    return ExitCode.OK


def _doctor(_: Path, options: Mapping[str, Any]) -> ExitCode:
    from selfservice.cli.doctor import Row, as_json, as_text

    rows = [Row.of(row) for check in entry_points(group=CHECKS) for row in check.load()()]
    click.echo(as_json(rows) if options["as_json"] else as_text(rows))
    return ExitCode.OK if all(row.ok for row in rows) else ExitCode.FAILED


_FORMS: Mapping[str | None, Callable[[Any], str]] = {
    None: drawing.as_text,
    "json": drawing.as_json,
    "mermaid": drawing.as_mermaid,
    "dot": drawing.as_dot,
}
_COMMANDS: Mapping[str, Callable[[Path, Mapping[str, Any]], ExitCode]] = {
    **{action.value: partial(_operate, action) for action in Action},
    "outputs": _outputs,
    "graph": _graph,
    "affected": _affected,
    "cost": _cost,
    "data list": _list_datasets,
    "data show": _show_dataset,
    "data grants": _show_grants,
    "data search": _search_data,
    "data freshness": _show_freshness,
    "doctor": _doctor,
}
