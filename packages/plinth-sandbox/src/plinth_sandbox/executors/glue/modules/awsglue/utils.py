"""Arguments of a job."""

from __future__ import annotations

from collections.abc import Sequence


class GlueArgumentError(Exception):
    """An argument is missing."""


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str]:  # noqa: N802 (Glue's name)
    """Returns the values of ``--name value`` or ``--name=value``, by name.

    Raises: GlueArgumentError if one of ``options`` is missing.
    """
    given: dict[str, str] = {}
    words = list(args[1:])
    while words:
        name, _, value = words.pop(0).removeprefix("--").partition("=")
        given[name] = value or (words.pop(0) if words else "")
    missing = [name for name in options if name not in given]
    if missing:
        raise GlueArgumentError(f"the following arguments are required: {', '.join(f'--{name}' for name in missing)}")
    return {name: given[name] for name in options}
