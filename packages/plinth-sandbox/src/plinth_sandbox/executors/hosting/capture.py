"""Data capture: requests and answers as JSON lines in S3, written with the role of the model.

Source: SageMaker Developer Guide, "Data capture" and "View captured data" (read 2026-11-22).
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors.hosting.served_container import Reply
from plinth_sandbox.s3_location import split

FLUSH_SECONDS = 1.0
"""Time until captured data is written. SageMaker collects it for minutes."""
_INPUT, _OUTPUT = "Input", "Output"


@dataclass(slots=True)
class Capture:
    """Data capture of one variant."""

    configuration: Mapping[str, Any]
    """``DataCaptureConfig`` of the endpoint configuration."""
    endpoint: str
    variant: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: int = 0
    _lines: dict[str, list[str]] = field(default_factory=dict)
    """Lines by the folder of their hour."""

    def add(self, headers: Mapping[str, str], body: bytes, reply: Reply) -> None:
        """Captures an invocation if it belongs to the sample. The sample is even: of ten requests at 30 per cent, the
        4th, the 7th and the 10th."""
        percentage, moment = int(self.configuration["InitialSamplingPercentage"]), datetime.now(UTC)
        with self._lock:
            self._seen += 1
            if self._seen * percentage // 100 == (self._seen - 1) * percentage // 100:
                return
            line = json.dumps(self._record(headers, body, reply, moment))
            self._lines.setdefault(f"{moment:%Y/%m/%d/%H}", []).append(line)

    def flush(self) -> None:
        """Writes what was captured since the last call, as one object for each hour."""
        with self._lock:
            taken, self._lines = self._lines, {}
        for hour, lines in taken.items():
            bucket, prefix = split(str(self.configuration["DestinationS3Uri"]))
            name = f"{datetime.now(UTC):%M-%S-%f}"[:-3] + f"-{uuid.uuid4()}.jsonl"
            key = "/".join(filter(None, (prefix.rstrip("/"), self.endpoint, self.variant, hour, name)))
            encrypted = self.configuration.get("KmsKeyId")
            with_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encrypted} if encrypted else {}
            body = "".join(f"{line}\n" for line in lines).encode()
            try:
                boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body, **with_key)
            except ClientError as error:
                # SageMaker tells nobody but the metrics of the endpoint.
                print(f"Captured data was not written: {error}", flush=True)  # noqa: T201 (log of the process)

    def _record(self, headers: Mapping[str, str], body: bytes, reply: Reply, moment: datetime) -> dict[str, Any]:
        modes = {
            mode
            for capture_option in self.configuration["CaptureOptions"]
            for mode in _modes(capture_option["CaptureMode"])
        }
        data: dict[str, Any] = {}
        if _INPUT in modes:
            data["endpointInput"] = self._part("INPUT", headers.get("content-type", ""), body)
        if _OUTPUT in modes:
            data["endpointOutput"] = self._part("OUTPUT", reply.headers.get("content-type", ""), reply.body)
        about = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
        if inference := headers.get("x-amzn-sagemaker-inference-id"):
            about["inferenceId"] = inference
        if attributes := headers.get("x-amzn-sagemaker-custom-attributes"):
            about["customAttributes"] = [attributes]  # type: ignore[assignment] # the only member that is a list
        return {"captureData": data, "eventMetadata": about, "eventVersion": "0"}

    def _part(self, mode: str, kind: str, content: bytes) -> dict[str, str]:
        """Returns a captured body. Without a matching header in the configuration, it is base64."""
        known = self.configuration.get("CaptureContentTypeHeader", {})
        plain = kind.partition(";")[0].strip().lower()
        encoding = next(
            (name for name, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes"))
             if plain in (type_.lower() for type_ in known.get(member, []))),
            "BASE64",
        )  # fmt: skip
        text = base64.b64encode(content).decode() if encoding == "BASE64" else content.decode(errors="replace")
        return {"observedContentType": kind, "mode": mode, "data": text, "encoding": encoding}


def _modes(mode: str) -> Iterable[str]:
    return (_INPUT, _OUTPUT) if mode == "InputAndOutput" else (mode,)
