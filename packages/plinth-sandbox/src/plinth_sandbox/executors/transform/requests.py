"""The requests of a transform job to its model, and what SageMaker says in the job's log when one fails.

The wording is that of logs which users of SageMaker have published (issues 635, 753, 1882 and 1951 of
aws/sagemaker-python-sdk, 1620 of aws/amazon-sagemaker-examples, 93 of aws/sagemaker-tensorflow-serving-container).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plinth_sandbox.executors.hosting.served_container import NoAnswerError, ServedContainer
from plinth_sandbox.executors.hosting.variant import Variant
from plinth_sandbox.executors.transform.records import MULTIPLE, SINGLE, Limits

TIMEOUT_SECONDS, RETRIES = 600, 3
"""Defaults of ``ModelClientConfig`` (SageMaker API, ModelClientConfig)."""
_STRATEGIES = {"SINGLE_RECORD": SINGLE, "MULTI_RECORD": MULTIPLE}


class RequestFailedError(Exception):
    """The model did not answer with success. The message is what the log says."""

    def __init__(self, message: str, *, by_client: bool) -> None:
        super().__init__(message)
        self.by_client = by_client
        """Whether the model refused the request (status 4xx)."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Sends payloads to a model."""

    model: Variant
    headers: Mapping[str, str]
    timeout_seconds: int
    retries: int

    @classmethod
    def of(cls, model: Variant, request: Mapping[str, Any]) -> Requests:
        """Returns the requests of a job, from its request of CreateTransformJob."""
        kinds = {
            "content-type": request["TransformInput"].get("ContentType"),
            "accept": request["TransformOutput"].get("Accept"),
        }
        client = request.get("ModelClientConfig", {})
        return cls(
            model=model,
            headers={name: kind for name, kind in kinds.items() if kind},
            timeout_seconds=client.get("InvocationsTimeoutInSeconds", TIMEOUT_SECONDS),
            retries=client.get("InvocationsMaxRetries", RETRIES),
        )

    def answer_to(self, payload: bytes) -> bytes:
        """Returns the answer to a payload. A refused payload is not sent again. Raises RequestFailedError."""
        for _ in range(self.retries + 1):
            reply, _, _ = self.model.invoke(self.headers, payload, self.timeout_seconds)
            if 200 <= reply.status < 300:
                return reply.body
            if 400 <= reply.status < 500:
                break
        text = reply.body.decode(errors="replace")
        if not reply.status:
            raise RequestFailedError("Unable to get response from algorithm", by_client=False)
        if reply.status < 500:
            raise RequestFailedError(f"ClientError: {reply.status}\n\nMessage:\n{text}", by_client=True)
        reason = f"Bad HTTP status received from algorithm: {reply.status}\n\nMessage:\n{text}"
        raise RequestFailedError(reason, by_client=False)


def limits_of(request: Mapping[str, Any], container: ServedContainer) -> Limits:
    """Returns the limits of a job: those of its request, else those that the container proposes, else the defaults
    (SageMaker Developer Guide, "Custom Inference Code with Batch Transform", ``/execution-parameters``)."""
    wanted = {
        "concurrent": request.get("MaxConcurrentTransforms") or None,
        "payload_mib": request.get("MaxPayloadInMB"),
        "strategy": request.get("BatchStrategy"),
    }
    missing = any(value is None for value in wanted.values())
    proposed = _proposed(container) if missing else {}
    chosen = {name: proposed.get(name) if value is None else value for name, value in wanted.items()}
    return replace(Limits(), **{name: value for name, value in chosen.items() if value is not None})


def _proposed(container: ServedContainer) -> dict[str, Any]:
    with contextlib.suppress(NoAnswerError, ValueError, AttributeError):
        reply = container.get("/execution-parameters")
        said = json.loads(reply.body) if reply.status == 200 else {}
        return {
            "concurrent": said.get("MaxConcurrentTransforms"),
            "payload_mib": said.get("MaxPayloadInMB"),
            "strategy": _STRATEGIES.get(said.get("BatchStrategy", "")),
        }
    return {}
