"""Which engines are recorded, and in which process namespace a record counts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from selfservice.engine.locks import engine_records
from selfservice.engine.locks.engine_records import recorded, recorded_engine

ASK = (
    "import sys, time; from selfservice.engine.locks.engine_records import recorded_engine;"
    "print(recorded_engine(int(sys.argv[1]), time.time()) is not None)"
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path))
    return tmp_path / "engines"


def now():
    return datetime.now(UTC).timestamp()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_an_engine_writes_its_process_id_before_it_runs_and_a_successful_one_leaves_no_record(folder):
    with recorded(["sh", "-c", 'echo $$ "$1"', "x", "a b"]) as command:
        process_id, argument = run(*command).stdout.split(maxsplit=1)
        assert argument == "a b\n"
        assert recorded_engine(int(process_id), now()) is not None
    assert recorded_engine(int(process_id), now()) is None
    assert [file for file in folder.rglob("*") if file.is_file()] == []


def test_an_engine_that_fails_stays_recorded_with_its_end(ended_engine):
    record = recorded_engine(ended_engine, now())
    assert record is not None
    assert record.ended is not None
    assert recorded_engine(ended_engine, now() + 60) is None


def test_the_end_of_an_engine_that_nobody_saw_is_noted_by_the_next_one(folder):
    with recorded(["true"]) as command:
        run(*command)
        ((file, pid),) = ((file, int(file.read_text())) for file in folder.rglob("*") if file.is_file())
        with recorded(["true"]) as second:
            run(*second)
        record = recorded_engine(pid, now())
        assert record is not None
        assert record.ended is not None
        os.utime(file)


def test_old_records_are_removed(folder, monkeypatch):
    with pytest.raises(subprocess.CalledProcessError), recorded(["false"]) as command:
        run(*command)
    monkeypatch.setattr(engine_records, "_KEPT_SECONDS", -1)
    with recorded(["true"]) as command:
        run(*command)
    assert [file for file in folder.rglob("*") if file.is_file()] == []


def test_an_engine_runs_where_no_record_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path / "file"))
    with recorded(["echo", "ran"]) as command:
        assert run(*command).stdout == "ran\n"


def test_an_engine_runs_where_the_machine_cannot_be_identified(monkeypatch, folder):
    monkeypatch.setattr(engine_records, "identity", lambda: None)
    with recorded(["echo", "ran"]) as command:
        assert command == ["echo", "ran"]
    assert not folder.exists()


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="only root on Linux can make process namespaces"
)
@pytest.mark.parametrize("options", [["--mount-proc"], []], ids=["own /proc", "foreign /proc"])
def test_an_engine_of_this_namespace_is_unknown_in_another_one(ended_engine, options):
    asked = [sys.executable, "-c", ASK, str(ended_engine)]
    assert run(*asked).stdout == "True\n"
    assert run("unshare", "--pid", "--fork", *options, *asked).stdout == "False\n"
