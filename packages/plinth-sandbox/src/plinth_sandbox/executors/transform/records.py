"""How an object is divided into records, and records into the payloads of requests.

Sources: SageMaker API, CreateTransformJob and TransformInput; SageMaker Developer Guide, "Batch transform for inference
with Amazon SageMaker AI" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
SINGLE, MULTIPLE = "SingleRecord", "MultiRecord"


class TooLargeError(Exception):
    """A record, or an object that is not split, is larger than a payload may be."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests are sent at once, and how large each of them is."""

    concurrent: int = 1
    payload_mib: int = 6
    """Maximum size of a payload; 0 for no limit."""
    strategy: str = MULTIPLE

    @property
    def payload_bytes(self) -> float:
        return self.payload_mib * MEBIBYTE or float("inf")


def records_of(content: bytes, split_type: str) -> list[bytes]:
    """Returns the records of an object, without the newline that ends each: its lines for the split type ``Line``, else
    the object as it is."""
    if split_type != "Line":
        return [content]
    lines = content.split(b"\n")
    return lines[:-1] if not lines[-1] else lines


def batches_of(records: Sequence[bytes], limits: Limits) -> Iterator[list[bytes]]:
    """Yields the records of each request. Raises TooLargeError."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        if len(record) > limits.payload_bytes:
            raise TooLargeError("Too much data for max payload size")
        if batch and (limits.strategy == SINGLE or size + 1 + len(record) > limits.payload_bytes):
            yield batch
            batch, size = [], 0
        size += len(record) + (1 if batch else 0)
        batch.append(record)
    if batch:
        yield batch


def payload_of(batch: Sequence[bytes]) -> bytes:
    return b"\n".join(batch)


def assembled(answers: Sequence[bytes], assemble_with: str) -> bytes:
    """Returns the content of the output object. With ``Line``, each answer ends with one newline."""
    if assemble_with != "Line":
        return b"".join(answers)
    return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)
