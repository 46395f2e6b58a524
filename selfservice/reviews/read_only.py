"""Read-only operation: previews on copies of the states, with roles that only read (decision 61)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from selfservice.engine.backend import BACKEND_VARIABLE, STATE_FORMAT, backend_of, project_name
from selfservice.runner.project import Project
from selfservice.runner.schedule import upstream_of
from selfservice.runner.states import deployments_by_stack, existing_stacks
from settings.types.naming import named, review_role_arn

_READ_ONLY_VARIABLE = "PLINTH_READ_ONLY"
"""Environment variable that makes the program register providers with the roles for reviews."""
_PROVIDER = "pulumi:providers:aws"


@contextmanager
def read_only_states(project: Project, stacks: Sequence[str]) -> Iterator[None]:
    """Makes the engine of this process work on copies of the states that a preview of the stacks reads.

    The backend is only read: a preview of a new stack creates its state in the copy. The providers in the copies
    assume the roles for reviews, as those do that the program registers, so a refresh uses these roles too. Start
    worker processes within the context, because it changes environment variables.
    """
    made, read = existing_stacks(project), _read_by(project, stacks)
    states = deployments_by_stack(project, [stack for stack in project.graph if stack in made & read])
    with tempfile.TemporaryDirectory(prefix="plinth-states-") as folder:
        _write(Path(folder) / ".pulumi", project, states)
        changed = {BACKEND_VARIABLE: Path(folder).as_uri(), _READ_ONLY_VARIABLE: "true"}
        before = {name: os.environ.get(name) for name in changed}
        try:
            _set(changed)
            yield
        finally:
            _set(before)


def _read_by(project: Project, stacks: Sequence[str]) -> frozenset[str]:
    """Returns the stacks, those whose outputs they read, and those that they must equal."""
    rehearsals = {project.rehearsals[stack] for stack in stacks if stack in project.rehearsals}
    upstream = {one for stack in stacks for one in upstream_of(project.graph, stack)}
    return frozenset((*stacks, *upstream, *rehearsals))


def _write(root: Path, project: Project, states: Mapping[str, Mapping[str, Any]]) -> None:
    name = project_name(project.directory)
    folder = root / "stacks" / name
    folder.mkdir(parents=True)
    (root / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    for stack, deployment in states.items():
        checkpoint = {"stack": f"organization/{name}/{stack}", "latest": _for_reviews(stack, deployment) or None}
        text = json.dumps({"version": STATE_FORMAT, "checkpoint": checkpoint})
        (folder / f"{stack}.json").write_text(text, encoding="utf-8")


def _for_reviews(stack: str, deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the state with providers that assume the roles for reviews."""
    copied = deepcopy(dict(deployment))
    for resource in copied.get("resources") or ():
        if resource["type"] == _PROVIDER:
            for values in (resource.get("inputs"), resource.get("outputs")):
                if values:
                    values["assumeRoles"] = _assumed(stack, values)
    return copied


def _assumed(stack: str, values: Mapping[str, Any]) -> Any:
    """Returns the roles of a provider in the form of its other lists: bridged providers store JSON texts."""
    accounts = values["allowedAccountIds"]
    is_text = isinstance(accounts, str)
    (account,) = json.loads(accounts) if is_text else accounts
    roles = [{"roleArn": review_role_arn(account), "sessionName": named("role session", "plinth", stack)}]
    return json.dumps(roles) if is_text else roles


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    backend_of.cache_clear()
