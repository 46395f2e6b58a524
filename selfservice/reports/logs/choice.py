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
    found = [one for source in sources.values() for one in source.newest()]
    if asked is None:
        return _newest(found, f"there is no {' and no '.join(sources)} of {use_case}", under_way)
    named = [one for one in found if _is_named(one, asked)]
    if len(named) == 1:
        return named[0]
    lists = " and ".join(f"`plinth {one}s {use_case}`" for one in sources)
    if named:
        ids = ", ".join(f"{one.what} {one.id}" for one in named)
        raise BadInputError(f"{asked} is the beginning of several ids: {ids}; give more of it")
    raise BadInputError(
        f"{asked} is no id among the newest ones of {use_case}; {lists} list them, and build, run or promotion stands "
        "for the newest one that failed"
    )


def again(source: Source, one: Logged) -> Logged:
    """Returns the present state of a build, a run or a promotion."""
    return next((found for found in source.newest() if found.id == one.id), one)


def _newest(found: list[Logged], none: str, under_way: bool) -> Logged:
    if not found:
        raise BadInputError(none)
    by_start = sorted(found, key=lambda one: one.started, reverse=True)
    writing = next((one for one in by_start if one.is_under_way), None)
    if under_way and writing is not None:
        return writing
    return next((one for one in by_start if one.has_failed), by_start[0])


def _is_named(one: Logged, asked: str) -> bool:
    return one.id == asked or (len(asked) >= _LEAST_CHARACTERS and one.id.startswith(asked))
