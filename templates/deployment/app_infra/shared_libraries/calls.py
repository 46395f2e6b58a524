"""Calls of the inference service by tests: its API, its endpoint, or a model on this machine.

Environment variables choose one of them. An endpoint and a model are called through the handler of the Lambda
function, which then runs in the process of the tests.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from predict.contract import read_contract
from predict.handler import JSON, Predictor

ACCEPTED, THROTTLED = 202, 429
WAITING = (ACCEPTED, THROTTLED)
"""Statuses of an answer that may come later."""
LONGEST_SECONDS, LOOK_SECONDS = 900, 1
"""Longest wait for an answer of an asynchronous API, which may have to start an instance, and time between two
requests for it."""
EVENT_SECONDS = 120
"""Longest wait for the answer to an event."""
KEY = "API_KEY"
"""Variable: value of an API key, if the API requires one."""
API, ENDPOINT, MODEL = "API_URL", "ENDPOINT_NAME", "MODEL_ARCHIVE"
"""Variables: URL of the API's stage, name of an endpoint, and path of a model's archive."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: dict[str, Any]


ANSWERS = "ANSWERS_URL"
"""Variable: URL of the queue for answers to events, if the service answers events."""

Call = Callable[[str, str], Answer]
"""Sends a body with a content type, and returns the answer."""
Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""Sends an event with a detail, and returns the detail of its answer."""


class LocalRuntime:
    """A model on this machine behind the interface of SageMaker Runtime."""

    def __init__(self, archive: Path) -> None:
        # pandas and scikit-learn take seconds to import, and only this class needs them.
        from shared_libraries.archives import load_model

        self._model = load_model(archive)

    def invoke_endpoint(self, *, Body: bytes, **_: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        import pandas as pd

        rows = pd.DataFrame(json.loads(Body)["instances"])
        answer = {"predictions": self._model.predictions(rows)}
        return {"Body": io.BytesIO(json.dumps(answer).encode()), "InvokedProductionVariant": "local"}


def call_from(variables: Mapping[str, str]) -> Call | None:
    """Returns how to call the service that the variables name, or None if they name none."""
    if url := variables.get(API):
        return signed_call(url)
    if endpoint := variables.get(ENDPOINT):
        import boto3

        return handler_call(boto3.client("sagemaker-runtime"), endpoint)
    if archive := variables.get(MODEL):
        return handler_call(LocalRuntime(Path(archive)), "local")
    return None


def handler_call(runtime: Any, endpoint: str) -> Call:
    """Returns calls of the handler in this process."""
    predictor = Predictor(runtime=runtime, endpoint=endpoint)

    def call(body: str, content_type: str = JSON) -> Answer:
        found = predictor.answer({"headers": {"content-type": content_type}, "body": body})
        return Answer(status=found["statusCode"], body=json.loads(found["body"]))

    return call


def signed_call(url: str) -> Call:
    """Returns calls of the API, signed with the credentials of the environment (AWS Signature Version 4).

    As the clients of AWS do, they use the proxy of ``HTTPS_PROXY`` and the certificate authorities of
    ``AWS_CA_BUNDLE``. A call of an asynchronous API waits for the answer.
    """
    import boto3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    session = boto3.Session()
    http = URLLib3Session(verify=os.environ.get("AWS_CA_BUNDLE") or True, proxies=get_environ_proxies(url))
    path = f"/v{read_contract().version.partition('.')[0]}/predictions"

    key = os.environ.get(KEY, "")

    def send(method: str, address: str, body: bytes | None = None, **headers: str) -> Answer:
        if key:
            headers["x-api-key"] = key
        request = AWSRequest(method, f"{url.rstrip('/')}{address}", headers=headers, data=body)
        SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
        found = http.send(request.prepare())
        return Answer(status=found.status_code, body=json.loads(found.content))

    def call(body: str, content_type: str = JSON) -> Answer:
        found = send("POST", path, body.encode(), **{"Content-Type": content_type})
        return result(found.body["id"]) if found.status == ACCEPTED else found

    def result(number: str) -> Answer:
        until = time.monotonic() + LONGEST_SECONDS
        while True:
            found = send("GET", f"{path}/{number}")
            if found.status not in WAITING or time.monotonic() > until:
                return found
            time.sleep(LOOK_SECONDS)

    return call


def ask_from(variables: Mapping[str, str], source: str, pattern: Path) -> Ask | None:
    """Returns how to ask the service with events of a source and of the first type in a pattern, or None if the
    variables name no queue for answers."""
    if not (url := variables.get(ANSWERS)):
        return None
    import boto3

    bus, queue = boto3.client("events"), boto3.client("sqs")
    kind = json.loads(pattern.read_text(encoding="utf-8"))["detail-type"][0]

    def ask(detail: dict[str, Any]) -> dict[str, Any]:
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
        (sent,) = bus.put_events(Entries=[entry])["Entries"]
        until = time.monotonic() + EVENT_SECONDS
        while time.monotonic() < until:
            for message in queue.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", []):
                answer: dict[str, Any] = json.loads(message["Body"])["detail"]
                if answer["request"] == sent["EventId"]:
                    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    return answer
        raise TimeoutError(f"no answer to the event {sent['EventId']} after {EVENT_SECONDS} seconds")

    return ask
