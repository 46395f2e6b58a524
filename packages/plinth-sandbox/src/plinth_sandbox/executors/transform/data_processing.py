"""Filters of the input, the join of answers with their records, and the filter of the output.

Source: SageMaker API, DataProcessing; SageMaker Developer Guide, "Associate Prediction Results with Input Records"
(read 2026-11-22).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.executors.transform.json_path import JsonPath, PathError

CSV = "text/csv"
FORMATS = (CSV, "application/json", "application/jsonlines")
"""Content types of records that can be filtered and joined."""
INPUT, OUTPUT = "SageMakerInput", "SageMakerOutput"


class ProcessingError(Exception):
    """A record or an answer cannot be filtered or joined."""


@dataclass(frozen=True, slots=True)
class DataProcessing:
    """Processing of the records of a job before and after the model."""

    input_filter: JsonPath
    output_filter: JsonPath
    joins: bool
    is_csv: bool
    splits: bool
    """Whether each line of an object is a record, and each line of an answer belongs to one."""

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> DataProcessing:
        """Returns the processing that a request of CreateTransformJob wants. Raises PathError."""
        given, source = request.get("DataProcessing", {}), request["TransformInput"]
        return cls(
            input_filter=JsonPath.parse(given.get("InputFilter") or "$"),
            output_filter=JsonPath.parse(given.get("OutputFilter") or "$"),
            joins=given.get("JoinSource", "None") == "Input",
            is_csv=format_of(source.get("ContentType", "")) == CSV,
            splits=source.get("SplitType", "None") == "Line",
        )

    @property
    def changes_output(self) -> bool:
        return self.joins or not self.output_filter.is_whole

    @property
    def is_needed(self) -> bool:
        return self.changes_output or not self.input_filter.is_whole

    def before(self, records: Sequence[bytes]) -> list[bytes]:
        """Returns the records as the model gets them. Raises ProcessingError."""
        if self.input_filter.is_whole:
            return list(records)
        return [self._written(self._selected(self.input_filter, self._read(record))) for record in records]

    def after(self, records: Sequence[bytes], answer: bytes) -> bytes:
        """Returns what is kept of the answer to a batch of records. Raises ProcessingError."""
        if not self.changes_output:
            return answer
        answers = answer.strip(b"\r\n").split(b"\n") if self.splits else [answer]
        if len(answers) != len(records):
            raise ProcessingError(f"{len(records)} records cannot be joined with {len(answers)} answers")
        kept = (
            self._joined(self._read(record), self._read(part)) for record, part in zip(records, answers, strict=True)
        )
        return b"\n".join(self._written(self._selected(self.output_filter, value)) for value in kept)

    def _joined(self, record: Any, answer: Any) -> Any:
        if not self.joins:
            return answer
        if self.is_csv:
            return [*record, *answer]
        if isinstance(record, Mapping):
            return {**record, OUTPUT: answer}
        return {INPUT: record, OUTPUT: answer}

    def _selected(self, path: JsonPath, value: Any) -> Any:
        try:
            return path.select(value)
        except PathError as error:
            raise ProcessingError(f"The filter {path.text} does not fit the data: {error}") from error

    def _read(self, record: bytes) -> Any:
        try:
            text = record.decode()
            return next(_rows(text), []) if self.is_csv else json.loads(text)
        except (csv.Error, ValueError) as error:
            raise ProcessingError(f"A record cannot be read as {'CSV' if self.is_csv else 'JSON'}: {error}") from error

    def _written(self, value: Any) -> bytes:
        if not self.is_csv:
            return json.dumps(value, ensure_ascii=False).encode()
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return line.getvalue().encode()


def format_of(content_type: str) -> str:
    """Returns a content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _rows(text: str) -> Iterator[list[str]]:
    return csv.reader([text.rstrip("\r")], strict=True)
