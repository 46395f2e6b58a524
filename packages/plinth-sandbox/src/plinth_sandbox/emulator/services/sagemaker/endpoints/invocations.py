"""InvokeEndpoint: the choice of a variant inside the emulator's lock, and the request to its process outside of it."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, DeferredAnswer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint, Fleet, Variant, endpoints
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Hosts
from plinth_sandbox.emulator.store.record import Place
from plinth_sandbox.executors.hosting.server import TOKEN
from plinth_sandbox.executors.hosting.variant import CONTAINER, MICROSECONDS, STATUS

_START_SECONDS = 60.0
"""Time that an invocation waits for the processes of an endpoint that start again with the sandbox."""
_ANSWER_SECONDS = 70.0
"""A little longer than the process waits for its container."""
_LOOK_SECONDS = 0.05
_LARGEST_BYTES = 6_291_456
"""Largest answer (SageMaker Runtime API, InvokeEndpoint)."""
_HEADERS = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "x-amzn-sagemaker-custom-attributes",
    "InferenceId": "x-amzn-sagemaker-inference-id",
    "TargetModel": "x-amzn-sagemaker-target-model",
}
"""Headers that the container gets, by member of the request."""
_UNSUPPORTED = ("TargetContainerHostname", "EnableExplanations", "InferenceComponentName", "SessionId")


@dataclass(frozen=True, slots=True)
class _Reply:
    """Answer of the process of a variant."""

    status: int
    container: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Invocation:
    """A request to a variant, with copies to shadow variants."""

    call: Call
    runtime: Runtime
    variant: Variant
    shadows: Sequence[Variant]
    headers: Mapping[str, str]
    body: bytes

    def answer(self) -> Answer:
        """Sends the request. Nobody gets the answers of shadow variants."""
        for shadow in self.shadows:
            threading.Thread(target=self._copy, args=(shadow,), daemon=True).start()
        try:
            return self._answered(self._send(self.variant))
        except AwsError as refusal:
            return self.call.reply(refusal)

    def _copy(self, shadow: Variant) -> None:
        with contextlib.suppress(AwsError):
            self._send(shadow)

    def _send(self, variant: Variant) -> _Reply:
        """Returns the answer of a variant, and collects its metrics. Raises AwsError."""
        started = time.perf_counter()
        reply = _send(self.runtime.hosts, variant, self.headers, self.body)
        total = round((time.perf_counter() - started) * 1e6)
        model = int(reply.headers[MICROSECONDS.lower()])
        self.runtime.metrics.invoked(variant, reply.status, model, total)
        return reply

    def _answered(self, reply: _Reply) -> Answer:
        if not 200 <= reply.status < 300:
            raise self._model_error(reply.status, reply.container, reply.body.decode(errors="replace"))
        if len(reply.body) > _LARGEST_BYTES:
            raise self._model_error(0, reply.container, "The response is larger than 6 MB.")
        members = {
            "ContentType": reply.headers.get("content-type"),
            "CustomAttributes": reply.headers.get("x-amzn-sagemaker-custom-attributes"),
            "InvokedProductionVariant": self.variant.name,
        }
        answer = self.call.reply({name: value for name, value in members.items() if value is not None})
        return Answer(answer.status, answer.headers, reply.body)

    def _model_error(self, status: int, container: str, message: str) -> AwsError:
        """Returns the error for an answer that is no success, with the wording of SageMaker."""
        account, region = self.call.account, self.call.region
        fault = "client" if 400 <= status < 500 else "server"
        group = f"/aws/sagemaker/Endpoints/{self.call.parameters['EndpointName']}"
        text = (
            f'Received {fault} error ({status}) from {container} with message "{message}". See '
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group} "
            f"in account {account} for more information."
        )
        stream = f"arn:aws:logs:{region}:{account}:log-group:{group}"
        return AwsError("ModelError", text, OriginalStatusCode=status, OriginalMessage=message, LogStreamArn=stream)


def invoke(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    endpoint = in_service(call, runtime)
    if found := [member for member in _UNSUPPORTED if member in given]:
        raise AwsError("NotImplementedBySandbox", f"The sandbox does not support {', '.join(found)} of InvokeEndpoint.")
    if endpoint.fleet is not None and "AsyncInferenceConfig" in endpoint.fleet.configuration:
        raise AwsError("ValidationError", f"Endpoint {endpoint.name} answers asynchronously; use InvokeEndpointAsync.")
    fleet, variant = _chosen(endpoint, str(given.get("TargetVariant", "")))
    invocation = _Invocation(
        call=call,
        runtime=runtime,
        variant=variant,
        shadows=[
            shadow
            for shadow in fleet.shadows
            if endpoint.rotation.takes(shadow.run, shadow.weight / (variant.weight or 1))
        ],
        headers={header: str(given[member]) for member, header in _HEADERS.items() if member in given},
        body=_bytes(given.get("Body", b"")),
    )
    return DeferredAnswer(200, complete=invocation.answer)


def in_service(call: Call, runtime: Runtime) -> Endpoint:
    name = str(call.parameters["EndpointName"])
    found = endpoints(runtime.memory, Place(call.account, call.region, "sagemaker")).get(name)
    if found is None or found.fleet is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {call.account} not found.")
    return found


def _chosen(endpoint: Endpoint, target: str) -> tuple[Fleet, Variant]:
    """Returns a variant and its fleet: of the new fleet for its share of the traffic, and by the weights."""
    deployment, fleet = endpoint.deployment, endpoint.fleet
    assert fleet is not None
    if deployment is not None and endpoint.rotation.takes("fleet", deployment.share):
        fleet = deployment.fleet
    known = {variant.name: variant for variant in fleet.serving}
    if target:
        if target not in known:
            raise AwsError("ValidationError", f"Variant {target} not found for Request")
        return fleet, known[target]
    run = endpoint.rotation.choose({variant.run: variant.weight for variant in fleet.serving})
    return fleet, next((variant for variant in fleet.serving if variant.run == run), fleet.serving[0])


def _send(hosts: Hosts, variant: Variant, headers: Mapping[str, str], body: bytes) -> _Reply:
    """Returns the answer of a variant. Raises AwsError if its process does not answer."""
    until = time.perf_counter() + _START_SECONDS
    while (address := hosts.address(variant.run)) is None:
        if time.perf_counter() > until:
            raise AwsError("ServiceUnavailable", "The service is unavailable. Try your call again.")
        time.sleep(_LOOK_SECONDS)
    port, token = address
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    with contextlib.closing(connection):
        try:
            connection.request("POST", "/", body, {**headers, TOKEN: token})
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return _Reply(int(told[STATUS.lower()]), told[CONTAINER.lower()], told, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise AwsError("ServiceUnavailable", "The service is unavailable. Try your call again.") from error


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()
