"""The position in the code that the engine keeps for each resource."""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

_CONSTRUCTORS = 3
"""The SDK's two base classes of a resource, and its own class; their caller declares the resource."""


def keep_one_position() -> None:
    """Makes the SDK send the line that declares a resource, without the calls that led to it.

    The SDK sends all calls from the start of the process. They are more than half of a state, which the engine writes
    twice for each resource, and they contain paths of the machine that ran the program.
    """
    resource._get_stack_trace = _declaration


def _declaration() -> source_pb2.StackTrace:
    frame = sys._getframe(1)
    remaining = _CONSTRUCTORS
    while remaining and frame.f_back is not None:
        remaining -= frame.f_code.co_name == "__init__"
        frame = frame.f_back
    while "/site-packages/" in frame.f_code.co_filename and frame.f_back is not None:
        frame = frame.f_back  # providers have one base class more
    if remaining:
        return source_pb2.StackTrace()
    position = source_pb2.SourcePosition(uri=Path(frame.f_code.co_filename).as_uri(), line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])
