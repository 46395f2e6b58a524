"""Follows the newest build and run of a use case until both have ended."""

from __future__ import annotations

import time

import click

from selfservice.cli.delivery.changes import Changes
from selfservice.errors import ExitCode, RefusedError
from selfservice.formatting import duration
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace, Row

POLL_SECONDS = 2.0
START_SECONDS = 120
"""Time in which a push starts a build. EventBridge delivers within seconds."""


def watch(place: DeliveryPlace, *, expects_build: bool = False, err: bool = False) -> ExitCode:
    """Prints the newest build and its run, and each change, until both have ended. Without a change, it says from time
    to time what lasts.

    Returns FAILED if one of them failed. Raises: RefusedError if a build is expected and none starts.
    """
    changes = Changes(err)
    began = time.monotonic()
    deadline = began + START_SECONDS
    while True:
        newest = _newest(place)
        changes.show(map(delivery.line, newest))
        if newest and not any(row["status"] in delivery.UNDER_WAY for row in newest):
            return ExitCode.FAILED if any(row["status"] in delivery.FAILED for row in newest) else ExitCode.OK
        if not newest and not expects_build:
            click.echo("There are none.", err=err)
            return ExitCode.OK
        if not newest and time.monotonic() > deadline:
            queue = f"{place.names.prefix}-undelivered"
            raise RefusedError(f"no build started; the queue {queue} has the reason if the event was not delivered")
        changes.remind([f"still waiting for the {_awaited(newest)}, {duration(time.monotonic() - began)}"])
        time.sleep(POLL_SECONDS)


def _awaited(newest: list[Row]) -> str:
    """Returns what has not ended, or not begun."""
    under_way = [row for row in newest if row["status"] in delivery.UNDER_WAY]
    return " and the ".join("run" if "run" in row else "build" for row in under_way) or "build"


def _newest(place: DeliveryPlace) -> list[Row]:
    """Returns the newest build, and the newest run unless it began before the build."""
    builds, runs = delivery.builds(place)[:1], delivery.runs(place)[:1]
    begun = next((build.get("started") or "" for build in builds), "")
    return [*builds, *(run for run in runs if (run.get("started") or "") >= begun)]
