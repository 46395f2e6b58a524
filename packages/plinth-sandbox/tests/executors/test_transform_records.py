"""Records of a transform job are batched, filtered and joined as the SageMaker Developer Guide says."""

from __future__ import annotations

from typing import Any

import pytest

from plinth_sandbox.executors.transform.data_processing import DataProcessing, ProcessingError
from plinth_sandbox.executors.transform.records import (
    MEBIBYTE,
    SINGLE,
    Limits,
    TooLargeError,
    assembled,
    batches_of,
    payload_of,
    records_of,
)


def processing(kind: str, split_type: str = "Line", **given: str) -> DataProcessing:
    source = {"ContentType": kind, "SplitType": split_type}
    return DataProcessing.of({"TransformInput": source, "DataProcessing": given})


def test_lines_are_records_and_the_last_newline_begins_none() -> None:
    assert records_of(b"a\nb\n", "Line") == records_of(b"a\nb", "Line") == [b"a", b"b"]
    assert records_of(b"a\nb\n", "None") == [b"a\nb\n"]


def test_a_batch_has_as_many_records_as_fit() -> None:
    half = b"x" * (MEBIBYTE // 2)
    # Two halves and the newline between them are one byte too many.
    assert [len(batch) for batch in batches_of([half, half, b"a", b"b"], Limits(payload_mib=1))] == [1, 3]
    assert [len(batch) for batch in batches_of([half, half], Limits(payload_mib=0))] == [2]
    assert [len(batch) for batch in batches_of([b"a", b"b"], Limits(strategy=SINGLE))] == [1, 1]
    whole = list(batches_of([half[1:], half], Limits(payload_mib=1)))
    assert [len(payload_of(batch)) for batch in whole] == [MEBIBYTE]


def test_a_record_larger_than_a_payload_is_refused() -> None:
    with pytest.raises(TooLargeError):
        list(batches_of([b"x" * (MEBIBYTE + 1)], Limits(payload_mib=1)))


def test_answers_are_assembled_with_one_newline_each() -> None:
    assert assembled([b"1\n2", b"3\n"], "Line") == b"1\n2\n3\n"
    assert assembled([b"1", b"2"], "None") == b"12"


def test_attributes_are_joined_with_the_answer() -> None:
    records = [b'{"id": "a", "value": 4}', b'{"id": "b", "value": 5}']
    data_processing = processing(
        "application/jsonlines", InputFilter="$.value", JoinSource="Input", OutputFilter="$['id','SageMakerOutput']"
    )
    assert data_processing.before(records) == [b"4", b"5"]
    joined = data_processing.after(records, b'{"label": 40}\n{"label": 50}\n')
    assert joined == (b'{"id": "a", "SageMakerOutput": {"label": 40}}\n{"id": "b", "SageMakerOutput": {"label": 50}}')


def test_a_record_that_is_no_object_is_joined_as_input() -> None:
    data_processing = processing("application/json", "None", JoinSource="Input")
    assert data_processing.after([b"[1, 2]"], b"3") == b'{"SageMakerInput": [1, 2], "SageMakerOutput": 3}'


def test_a_row_is_followed_by_its_answer() -> None:
    data_processing = processing(
        "text/csv; charset=utf-8", InputFilter="$[1:]", JoinSource="Input", OutputFilter="$[0,-1]"
    )
    rows = [b'"b, c",3,4', b"a,1,2\r"]
    assert data_processing.before(rows) == [b"3,4", b"1,2"]
    assert data_processing.after(rows, b"7\n3") == b'"b, c",7\na,3'


@pytest.mark.parametrize(
    ("given", "answer", "reason"),
    [
        ({"JoinSource": "Input"}, b"1", "2 records cannot be joined with 1 answers"),
        ({"JoinSource": "Input", "OutputFilter": "$[7]"}, b"1\n2", "index 7 is not within the 3 elements"),
        ({"JoinSource": "Input"}, b'1\n"2', "cannot be read as CSV"),
    ],
)
def test_what_cannot_be_joined_fails(given: dict[str, Any], answer: bytes, reason: str) -> None:
    with pytest.raises(ProcessingError, match=reason):
        processing("text/csv", **given).after([b"1,2", b"3,4"], answer)
