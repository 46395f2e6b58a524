"""moto as the bottom layer."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import warnings
from collections.abc import Iterable

from botocore.loaders import JSONFileLoader
from flask import Flask
from moto import backends
from moto.core import responses, utils
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer

log = logging.getLogger(__name__)


class NotEmulatedError(Exception):
    """moto does not implement the operation or the service."""


class _NoServiceError(Exception):
    pass


def _application_of(backend: str | None) -> Flask:
    if backend is None:
        raise _NoServiceError
    application: Flask = create_backend_app(backend)
    return application


def moto_package(service: str) -> str:
    """Returns the package of moto that implements a service."""
    return "awslambda" if service == "lambda" else service.replace("-", "")


@functools.cache
def emulates(service: str, operation: str) -> bool:
    """Returns whether moto implements ``operation``, judged by the method name that it would have."""
    try:
        module = importlib.import_module(f"moto.{moto_package(service)}.responses")
    except ImportError:
        return False
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, BaseResponse)]
    return any(camelcase_to_underscores(operation) in method_names_from_class(known) for known in classes)


def _cache_searches() -> None:
    """Caches moto's searches of its own folder and of its classes' methods. Repeating them takes half of a call's
    time."""
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = functools.cache(method_names_from_class)


def _cache_parsing() -> None:
    """Caches parsed service models, which moto and each of its sessions parse separately. EC2's model alone takes 0.3
    s. A loader lists the folders of all services, which takes 0.03 s for each that moto emulates."""
    load = functools.cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = staticmethod(load)  # type: ignore[method-assign]
    utils.create_loader = functools.cache(utils.create_loader)


@functools.cache
def adapt_moto() -> None:
    """Makes moto fast enough for a server, in this process."""
    _cache_searches()
    _cache_parsing()


class Moto:
    def __init__(self) -> None:
        # moto warns about error codes that differ from the service model. Correcting them is a task of the patches, not
        # of the user.
        warnings.filterwarnings("ignore", module="moto")
        # moto's list of machine images takes 4 MiB per account and region. Images are found by SSM parameter instead.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        adapt_moto()
        self._application = DomainDispatcherApplication(_application_of)
        self._absent: set[str] = set()

    def answer(self, call: Call) -> Answer:
        """Answers a call. Raises NotEmulatedError if moto does not implement it."""
        if call.service in self._absent:
            raise NotEmulatedError(call.service)
        try:
            answer = self._ask(call)
        except _NoServiceError as error:
            self._absent.add(call.service)
            raise NotEmulatedError(call.service) from error
        except NotImplementedError as error:
            raise NotEmulatedError(str(error)) from error
        if _is_missing_route(answer):
            raise NotEmulatedError(call.name)
        return answer

    def _ask(self, call: Call) -> Answer:
        status, headers = 0, {}

        def start_response(line: str, pairs: list[tuple[str, str]], _exc_info: object = None) -> None:
            nonlocal status, headers
            status, headers = int(line.split(" ", 1)[0]), dict(pairs)

        environ = call.request.environ()
        chunks: Iterable[bytes] = self._application(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        return Answer(status, headers, body)


def _is_missing_route(answer: Answer) -> bool:
    """Returns whether the answer is a 404 or 405 of the web framework, which no AWS service would send."""
    return answer.status in (404, 405) and answer.body.lower().startswith(b"<!doctype html>")
