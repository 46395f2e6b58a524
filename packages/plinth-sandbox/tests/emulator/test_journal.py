"""The journal file: complete lines survive, and partial lines are dropped."""

import errno
from pathlib import Path

import pytest

from plinth_sandbox.emulator.journal import Journal, calls_in, requests_in
from plinth_sandbox.emulator.message import Request


def request(body: bytes) -> Request:
    return Request("PUT", "/bucket/key?x=%2F", {"Host": "127.0.0.1"}, body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aws" / "journal.jsonl"


@pytest.mark.parametrize("body", [b"", b"text", "ü\r\n".encode(), bytes(range(256))])
def test_a_request_is_read_back_byte_for_byte(path: Path, body: bytes) -> None:
    first = Journal(path)
    first.append(12.5, request(body))
    first.close()
    again = Journal(path)
    (entry,) = again.entries()
    assert (entry.index, entry.moment, entry.request) == (0, 12.5, request(body))
    assert (again.length, again.seed) == (1, first.seed)


@pytest.mark.parametrize("kept", [0, 1, 5])
def test_a_journal_with_a_partial_first_line_starts_again(path: Path, kept: int) -> None:
    Journal(path).close()
    path.write_bytes(path.read_bytes()[:kept])
    journal = Journal(path)
    journal.append(0.0, request(b""))
    assert len(list(journal.entries())) == 1


def test_numbering_continues_after_a_partial_line(path: Path) -> None:
    journal = Journal(path)
    for body in (b"one", b"two"):
        journal.append(0.0, request(body))
    path.write_bytes(path.read_bytes()[:-5])
    again = Journal(path)
    assert again.append(0.0, request(b"three")).index == 1
    assert [entry.request.body for entry in again.entries()] == [b"one", b"three"]


def test_a_refused_call_is_not_repeated_and_keeps_its_number(path: Path) -> None:
    journal = Journal(path)
    first, refused = (journal.append(0.0, request(body)) for body in (b"one", b"refused"))
    journal.refuse(refused)
    again = Journal(path)
    assert again.append(0.0, request(b"three")).index == 2
    assert [(entry.index, entry.request.body) for entry in again.entries()] == [(first.index, b"one"), (2, b"three")]
    assert calls_in(path) == again.length == 3
    assert [recorded.body for recorded in requests_in(path)] == [b"one", b"refused", b"three"]


def test_a_full_disk_leaves_no_partial_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path)
    journal.append(0.0, request(b"fits"))
    real = journal._file

    class Full:
        def write(self, line: bytes) -> int:
            return int(real.write(line[:20]))

        def truncate(self, size: int) -> int:
            return int(real.truncate(size))

    monkeypatch.setattr(journal, "_file", Full())
    with pytest.raises(OSError, match="no space left") as full:
        journal.append(0.0, request(b"does not fit"))
    assert full.value.errno == errno.ENOSPC
    monkeypatch.setattr(journal, "_file", real)
    journal.append(0.0, request(b"fits again"))
    assert [entry.request.body for entry in journal.entries()] == [b"fits", b"fits again"]
