"""Which build, run or promotion a person means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from selfservice.errors import BadInputError, RefusedError
from selfservice.reports.logs.logged import DEVELOPMENT_READERS, TOOLING_READERS, Logged, Source, What

_LEAST_CHARACTERS = 4
"""Length from which the beginning of an id stands for it."""


def chosen(sources: Mapping[What, Source], asked: str | None, use_case: str, *, under_way: bool) -> Logged:
    """Returns what ``asked`` names: a kind, an id or its beginning. Without it, all kinds are considered.

    Of several, it is the newest one that failed, or the newest one if none failed. With ``under_way``, one that is
    under way comes first.

    Raises: BadInputError if there is none; RefusedError if the credentials do not see this kind.
    """
    if asked in get_args(What):
        wanted = cast(What, asked)
        if wanted not in sources:
            readers = DEVELOPMENT_READERS if wanted == "run" else TOOLING_READERS
            raise RefusedError(
                f"these credentials see no {wanted} of {use_case}; sign in with the permission set {readers}"
            )
        return _newest(sources[wanted].newest(), f"there is no {wanted} of {use_case}", under_way)
    found = [logged for source in sources.values() for logged in source.newest()]
    if asked is None:
        return _newest(found, f"there is no {' and no '.join(sources)} of {use_case}", under_way)
    named = [logged for logged in found if _is_named(logged, asked)]
    if len(named) == 1:
        return named[0]
    lists = " and ".join(f"`plinth {source}s {use_case}`" for source in sources)
    if named:
        ids = ", ".join(f"{name.what} {name.id}" for name in named)
        raise BadInputError(f"{asked} is the beginning of several ids: {ids}; give more of it")
    raise BadInputError(
        f"{asked} is no id among the newest ones of {use_case}; {lists} list them, and build, run or promotion stands "
        "for the newest one that failed"
    )


def again(source: Source, logged: Logged) -> Logged:
    """Returns the present state of a build, a run or a promotion."""
    return next((found for found in source.newest() if found.id == logged.id), logged)


def _newest(found: list[Logged], none: str, under_way: bool) -> Logged:
    if not found:
        raise BadInputError(none)
    by_start = sorted(found, key=lambda logged: logged.started, reverse=True)
    writing = next((logged for logged in by_start if logged.is_under_way), None)
    if under_way and writing is not None:
        return writing
    return next((logged for logged in by_start if logged.has_failed), by_start[0])


def _is_named(logged: Logged, asked: str) -> bool:
    return logged.id == asked or (len(asked) >= _LEAST_CHARACTERS and logged.id.startswith(asked))
