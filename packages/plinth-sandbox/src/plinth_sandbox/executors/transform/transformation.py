"""The result of one input object: its records, the answers of the model, and what is kept of both."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.executors.transform.data_processing import DataProcessing
from plinth_sandbox.executors.transform.objects import InputObject
from plinth_sandbox.executors.transform.records import Limits, assembled, batches_of, payload_of, records_of
from plinth_sandbox.executors.transform.requests import Requests


@dataclass(frozen=True, slots=True)
class Transformation:
    """Transforms the objects of a job."""

    request: Mapping[str, Any]
    """The request of CreateTransformJob."""
    limits: Limits
    requests: Requests
    pool: Executor
    """Sends requests at the same time."""
    s3: Any

    def result_of(self, object_: InputObject) -> bytes:
        """Returns the content of the output object. Answers are in the order of the records.

        Raises: RequestFailedError, ProcessingError, TooLargeError; ClientError, OSError or EOFError if the object
        cannot be read.
        """
        source, processing = self.request["TransformInput"], DataProcessing.of(self.request)
        content = object_.content(self.s3, source.get("CompressionType", "None"))
        records = records_of(content, source.get("SplitType", "None"))

        def answer(batch: list[tuple[bytes, bytes]]) -> bytes:
            said = self.requests.answer_to(payload_of([given for _, given in batch]))
            return processing.after([record for record, _ in batch], said)

        originals = iter(records)
        batches = [
            [(next(originals), given) for given in batch]
            for batch in batches_of(processing.before(records), self.limits)
        ]
        answers = list(self.pool.map(answer, batches))
        return assembled(answers, self.request["TransformOutput"].get("AssembleWith", "None"))
