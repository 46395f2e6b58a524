"""Objects in S3 and images that SageMaker and Lambda read when a resource is created.

Sources: SageMaker API, CreateModel, and the words of github.com/aws/sagemaker-python-sdk/issues/912; Lambda API,
CreateFunction: code is copied at once (read 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.preconditions.references.reference import MISSING, Question, Reference, References, Refusal
from plinth_sandbox.emulator.services.ecr.executor.manifests import is_stored
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket
from plinth_sandbox.executors.images import EcrImage
from plinth_sandbox.s3_location import split


def _data_of_models(question: Question) -> Iterator[str]:
    given = question.call.parameters
    for container in (given.get("PrimaryContainer"), *(given.get("Containers") or ())):
        yield from _data_of(container or {})


def _data_of(container: Mapping[str, Any]) -> Iterator[str]:
    if url := container.get("ModelDataUrl"):
        yield str(url)
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    if url := source.get("S3Uri"):
        yield str(url)


def _found(location: str, _: Question) -> str:
    """Looks up an object or, as for models of several files, a prefix. Buckets of others exist."""
    name, key = split(location)
    bucket = find_bucket(name)
    if bucket is None:
        return ""
    return (
        ""
        if any(stored_key == key or stored_key.startswith(f"{key.rstrip('/')}/") for stored_key in bucket.keys)
        else MISSING
    )


def _image(uri: str, _: Question) -> str:
    wanted = EcrImage.of(uri)
    return "" if wanted is None or is_stored(wanted) else MISSING


def _code(question: Question) -> Iterator[str]:
    code = question.call.parameters.get("Code") or question.call.parameters
    if code.get("S3Bucket") and code.get("S3Key"):
        yield f"s3://{code['S3Bucket']}/{code['S3Key']}"


_CODE = Reference(
    _code,
    _found,
    Refusal(
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    ),
)

_FUNCTION_IMAGE = Refusal(
    "InvalidParameterValueException", "Source image {name} does not exist. Provide a valid source image."
)

REFERENCES: References = {
    ("sagemaker", "CreateModel"): (
        Reference(_data_of_models, _found, Refusal("ValidationException", "Could not find model data at {name}.")),
    ),
    ("lambda", "CreateFunction"): (_CODE, Reference("Code.ImageUri", _image, _FUNCTION_IMAGE)),
    ("lambda", "UpdateFunctionCode"): (_CODE, Reference("ImageUri", _image, _FUNCTION_IMAGE)),
}
