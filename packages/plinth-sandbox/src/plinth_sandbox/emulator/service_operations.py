"""Finds the service model and the operation of a request in botocore's data."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path
from urllib.parse import parse_qs

import botocore
from moto.core.model import OperationModel, ServiceModel
from moto.core.request import Request as WireRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model

from plinth_sandbox.emulator.message import Request

_SIGNING_NAME = re.compile(rb'"signingName"\s*:\s*"([^"]+)"')
_ENDPOINT_PREFIX = re.compile(rb'"endpointPrefix"\s*:\s*"([^"]+)"')


def service_model(name: str) -> ServiceModel:
    return get_service_model(name)


@functools.cache
def _services_by_signing_name() -> dict[str, list[str]]:
    """Returns the services by signing name. Several services may share one (s3 and s3control). Only the head of each of
    the 400 models is read, which takes 0.15 s."""
    found: dict[str, list[str]] = {}
    for folder in sorted((Path(botocore.__file__).parent / "data").iterdir()):
        models = sorted(folder.glob("*/service-2.json.gz"))
        if not models:
            continue
        with gzip.open(models[-1]) as file:
            head = file.read(4096)
        name = _SIGNING_NAME.search(head) or _ENDPOINT_PREFIX.search(head)
        if name:
            found.setdefault(name.group(1).decode(), []).append(folder.name)
    for signing_name, services in found.items():
        services.sort(key=lambda service: service != signing_name)
    return found


def find_operation(signing_name: str, request: Request) -> tuple[OperationModel, dict[str, str]] | None:
    """Returns the requested operation and the parameters in the request's path, or None if no model knows the
    operation."""
    services = _services_by_signing_name().get(signing_name, [])
    for service in services:
        wire = WireRequest(request.environ())
        if len(services) > 1 and _is_of_another_version(service, request):
            continue
        try:
            determine_request_protocol(service_model(service), wire.content_type)
            operation, parameters = get_service_router(service).match(wire)
        except (NotFound, NotImplementedError):
            continue
        return operation, dict(parameters)
    return None


def _is_of_another_version(service: str, request: Request) -> bool:
    """Returns whether a request of the query protocol names another API. The two generations of Elastic Load Balancing
    sign with one name and share names of operations; their versions differ."""
    model = service_model(service)
    if model.protocol != "query":
        return False
    named = parse_qs(request.body.decode(errors="replace") or request.query).get("Version")
    return bool(named) and named != [str(model.api_version)]
