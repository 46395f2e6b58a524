"""Whether the program of a stack reads only settings that :func:`settings.derived.settings_of_stack.reach_of` lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from settings.derived.foundation import Foundation
from settings.derived.settings_of_stack import reach_of
from settings.derived.stack_graph import StackIdentity
from settings.derived.validated_foundation import ValidatedFoundation
from tests.support.traced_recordings import Reads

V = TypeVar("V")


class SettingsOutOfReachError(Exception):
    """Settings that the program of a stack must not read."""


class _Limited(Mapping[str, V]):
    """A mapping of settings by name, some of which cannot be read."""

    def __init__(self, settings: Mapping[str, V], names: Collection[str]) -> None:
        self._settings, self._names = settings, names

    def __getitem__(self, name: str) -> V:
        if name in self._settings and name not in self._names:
            raise SettingsOutOfReachError(f"the settings of {name}")
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        raise SettingsOutOfReachError("the names of all settings")

    def __len__(self) -> int:
        raise SettingsOutOfReachError("the number of settings")


def limited_to(stack: StackIdentity, foundation: Foundation) -> Foundation:
    """Returns a foundation that raises SettingsOutOfReachError if more is read than the stack's program may read."""
    reach = reach_of(stack, foundation)
    if reach is None:
        return foundation
    return ValidatedFoundation.with_overview(
        reach.overview,
        organization=foundation.organization,
        teams=_Limited(foundation.teams, reach.teams),
        environments=_Limited(foundation.environments, reach.environments),
        datasets=_Limited(foundation.datasets, reach.datasets),
        feature_groups=_Limited(foundation.feature_groups, reach.feature_groups),
    )


def assert_in_reach(stack: str, foundation: Foundation, reads: Reads) -> None:
    """Raises AssertionError if the program of the stack read more, so that `plinth affected` could miss the stack."""
    limited = limited_to(StackIdentity.parse(stack), foundation)
    for question, answer in reads.items():
        try:
            value = question.answer(limited)
        except (SettingsOutOfReachError, KeyError) as error:
            raise AssertionError(f"the program of {stack} read {question}: {error} are out of its reach") from None
        assert value == answer, f"the program of {stack} read {question}, which contains settings out of its reach"
