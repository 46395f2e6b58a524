"""The log of a pod is read completely and once, however its parts overlap."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from selfservice.clusters.pod_log import PodLogReader, PodLogWriter
from selfservice.operations.event_log import EventLog, Finished, Notice, Phase
from selfservice.operations.operation import Outcome, Status

RECORDS = [Phase(name="previewing"), Notice(message="näher\n{}"), Finished(outcome=Outcome(status=Status.SUCCEEDED))]


def written(folder):
    """The log of a pod whose engine and worker have written, as a list of lines."""
    lines = []
    log = PodLogWriter(folder / "events.jsonl", folder / "engine.log", lines.append)
    log.copy()
    events = EventLog(folder / "events.jsonl")
    with (folder / "engine.log").open("w") as engine:
        for number, record in enumerate(RECORDS):
            engine.write(f'line {number} {{"n": 1}}\nhalf ')
            engine.flush()
            events.write(record)
            log.copy()
    return lines


def stamped(lines):
    """The lines as the API returns them: three a second."""
    return [f"2026-11-25T00:00:{number // 3:02}.{number % 3}Z {line}" for number, line in enumerate(lines)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8))
def test_each_record_is_read_once_and_in_order(parts):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = stamped(written(folder))
        reader, read, end = PodLogReader(folder / "copied.log"), [], 0
        for back, forth in parts:
            end = max(end, min(len(lines), end + forth))
            read += reader.read("".join(lines[max(0, end - back - forth) : end]))
        read += reader.read("".join(lines))
        assert read == RECORDS
        said = (folder / "copied.log").read_text().splitlines()
        assert [line.removeprefix("half ") for line in said] == [f'line {number} {{"n": 1}}' for number in range(3)]


def test_the_next_part_is_requested_from_the_last_line_on(tmp_path):
    reader = PodLogReader(tmp_path / "copied.log")
    reader.read("2026-11-25T00:00:07.5Z anything\n2026-11-25T00:00:09.25Z more\n")
    assert reader.since == "2026-11-25T00:00:09.25Z"


def test_what_something_else_wrote_to_the_log_is_kept_once(tmp_path):
    reader = PodLogReader(tmp_path / "copied.log")
    for part in (
        "2026-11-25T00:00:07.5Z no module\n",
        "2026-11-25T00:00:07.5Z no module\n2026-11-25T00:00:07.6Z end\n",
    ):
        assert reader.read(part) == []
    assert (tmp_path / "copied.log").read_text() == "no module\nend\n"
