"""Read-only operation: previews on copies of the states, with roles that only read (decision 61)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selfservice.engine.access.provider_roles import with_access
from selfservice.engine.backend import BACKEND_VARIABLE, STATE_FORMAT, backend_of, project_name
from settings.types.aws.account_access import READ_ONLY_VARIABLE, REVIEW


@contextmanager
def read_only_states(directory: Path, states: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
    """Makes the engine of this process work on copies of states, which are given by stack.

    The backend is only read: a preview of a new stack creates its state in the copy. The providers in the copies
    assume the roles for reviews, as those do that the program registers, so a refresh uses these roles too. Start
    worker processes within the context, because it changes environment variables.
    """
    with tempfile.TemporaryDirectory(prefix="plinth-states-") as folder:
        _write(Path(folder) / ".pulumi", project_name(directory), states)
        changed = {BACKEND_VARIABLE: Path(folder).as_uri(), READ_ONLY_VARIABLE: "true"}
        before = {name: os.environ.get(name) for name in changed}
        try:
            _set(changed)
            yield
        finally:
            _set(before)


def _write(root: Path, name: str, states: Mapping[str, Mapping[str, Any]]) -> None:
    folder = root / "stacks" / name
    folder.mkdir(parents=True)
    (root / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    for stack, deployment in states.items():
        checkpoint = {
            "stack": f"organization/{name}/{stack}",
            "latest": with_access(stack, deployment, REVIEW) if deployment else None,
        }
        text = json.dumps({"version": STATE_FORMAT, "checkpoint": checkpoint})
        (folder / f"{stack}.json").write_text(text, encoding="utf-8")


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    backend_of.cache_clear()
