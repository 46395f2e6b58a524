"""The engine keeps one position for each resource: the line that declares it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import resource

from stacks.shared.source_positions import keep_one_position


class RegistrationEndedError(Exception):
    """Ends a registration where the SDK asks for the stack trace."""


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)


def test_only_the_line_that_declares_a_resource_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "_get_stack_trace", resource._get_stack_trace)
    keep_one_position()
    traces: list[Any] = []

    def end_with_trace(*_arguments: Any, **_named: Any) -> None:
        traces.append(resource._get_stack_trace())
        raise RegistrationEndedError

    monkeypatch.setattr("pulumi.resource.register_resource", end_with_trace)
    with pytest.raises(RegistrationEndedError):
        Part("part")
    (frame,) = traces[0].frames
    assert frame.pc.uri == Path(__file__).as_uri()
    assert Path(__file__).read_text().splitlines()[frame.pc.line - 1].strip() == 'Part("part")'


def test_a_call_outside_of_a_constructor_has_no_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "_get_stack_trace", resource._get_stack_trace)
    keep_one_position()
    assert list(resource._get_stack_trace().frames) == []
