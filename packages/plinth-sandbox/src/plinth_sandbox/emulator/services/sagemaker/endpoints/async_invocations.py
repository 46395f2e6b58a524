"""InvokeEndpointAsync: a request that waits in S3 until the model answers it."""

from __future__ import annotations

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.endpoints.backlog import NOUN, Waiting
from plinth_sandbox.emulator.services.sagemaker.endpoints.invocations import in_service

_HEADERS = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "x-amzn-sagemaker-custom-attributes",
    "InferenceId": "x-amzn-sagemaker-inference-id",
}
"""Headers that the container gets, by member of the request."""
_UNSUPPORTED = ("Body", "Filename", "RequestTTLSeconds", "S3OutputPathExtension")


def invoke(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    endpoint = in_service(call, runtime)
    assert endpoint.fleet is not None
    configuration = endpoint.fleet.configuration.get("AsyncInferenceConfig")
    if configuration is None:
        raise AwsError("ValidationError", f"Endpoint {endpoint.name} has no AsyncInferenceConfig.")
    if found := [member for member in _UNSUPPORTED if member in given]:
        named = ", ".join(found)
        raise AwsError("NotImplementedBySandbox", f"The sandbox does not support {named} of InvokeEndpointAsync.")
    if "InputLocation" not in given:
        raise AwsError("ValidationError", "InputLocation is required.")
    output, topics = configuration["OutputConfig"], configuration["OutputConfig"].get("NotificationConfig", {})
    number = str(mock_random.uuid4())
    inference = str(given.get("InferenceId", mock_random.uuid4()))
    locations = {"OutputLocation": f"{str(output['S3OutputPath']).rstrip('/')}/{number}.out"}
    if "S3FailurePath" in output:
        locations["FailureLocation"] = f"{str(output['S3FailurePath']).rstrip('/')}/{number}-error.out"
    job_input = {
        "endpoint": endpoint.name,
        "inference": inference,
        "input": given["InputLocation"],
        "output": locations["OutputLocation"],
        "failure": locations.get("FailureLocation"),
        "headers": {header: str(given[member]) for member, header in _HEADERS.items() if member in given},
        "seconds": given.get("InvocationTimeoutSeconds"),
        "key": output.get("KmsKeyId"),
        "success_topic": topics.get("SuccessTopic"),
        "error_topic": topics.get("ErrorTopic"),
    }
    run = f"{call.account}.{call.region}.{NOUN}.{endpoint.name}.{number}"
    runtime.backlog.add(Waiting(run, endpoint, job_input))
    return call.reply({"InferenceId": inference, **locations})
