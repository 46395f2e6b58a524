"""The ResourceProvider service. It passes requests of the engine to the modules that answer them."""

# ruff: noqa: N802, ARG002 - gRPC gives the methods' names and arguments

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped]

from plinth_sandbox.provider import naming, tagging
from plinth_sandbox.provider.entry import Entry, entry_of, source_of
from plinth_sandbox.provider.errors import IncompleteError, ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.operations.invoke import invoke
from plinth_sandbox.provider.operations.lifecycle import ResourceLifecycle
from plinth_sandbox.provider.operations.session import Session
from plinth_sandbox.provider.properties.check import Failure, check_arguments, check_properties, check_resource
from plinth_sandbox.provider.properties.diff import Change, changes, deletes_before_replace
from plinth_sandbox.provider.properties.property_types import provider_schema
from plinth_sandbox.provider.properties.state import (
    UNFINISHED,
    inputs_after_reading,
    is_unfinished,
    previewed_outputs,
    unfinished,
)
from plinth_sandbox.provider.rpc import configuration
from plinth_sandbox.provider.rpc.protocol import plugin, provider, provider_service
from plinth_sandbox.provider.rpc.wire import from_struct, has_unknown, to_struct

DEFAULT_TIMEOUT_SECONDS = 1200.0
"""Timeout if the program sets none: 20 minutes, the usual one of the vendor's provider."""

_log = logging.getLogger(__name__)
_Method = TypeVar("_Method", bound=Callable[..., Any])


def _reports_errors(method: _Method) -> _Method:
    """Turns the plugin's errors into gRPC statuses, which the engine shows unchanged."""

    @wraps(method)
    def answer(self: AwsProvider, request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except IncompleteError as error:
            if not isinstance(error.__cause__, ProviderError):
                _log.exception("%s failed half-way", method.__name__)
            _report_incomplete(context, error)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:
            _log.exception("%s failed", method.__name__)
            context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__} in {method.__name__}: {error}")

    return answer  # type: ignore[return-value]


def _report_incomplete(context: Any, error: IncompleteError) -> None:
    # The engine stores these outputs. It assumes that all inputs of the request were set, whatever the answer contains.
    detail = any_pb2.Any()
    state = to_struct(error.outputs)
    detail.Pack(provider.ErrorResourceInitFailed(id=error.identifier, properties=state, reasons=[str(error)]))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))


class AwsProvider(provider_service.ResourceProviderServicer):  # type: ignore[misc]
    """One provider instance: one account, one set of credentials. The engine calls it from many threads."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._cancelled = threading.Event()
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The configured session. Raises ProviderError before Configure."""
        if self._session is None:
            raise ProviderError("the provider is not configured yet")
        return self._session

    @_reports_errors
    def CheckConfig(self, request: Any, context: Any) -> Any:
        news = from_struct(request.news)
        decoded = configuration.decode(news, provider_schema())
        failures = list(check_properties(decoded, provider_schema()))
        return provider.CheckResponse(inputs=request.news, failures=_failures(failures))

    @_reports_errors
    def DiffConfig(self, request: Any, context: Any) -> Any:
        before, after = from_struct(request.old_inputs), from_struct(request.news)
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        # Like the vendor's provider, a change of account or region does not replace resources by itself.
        found = [Change(name, "update") for name in changed]
        return _diff_response(found, delete_before_replace=False)

    @_reports_errors
    def Configure(self, request: Any, context: Any) -> Any:
        properties = configuration.decode(from_struct(request.args), provider_schema())
        if not has_unknown(properties):
            session = Session(configuration.parse(properties, os.environ))
            session.check_account()
            self._session = session
        return provider.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False, supports_autonaming_configuration=True
        )

    def Handshake(self, request: Any, context: Any) -> Any:
        # For secrets, see `wire`. The answer must equal that of Configure.
        return provider.ProviderHandshakeResponse(accept_secrets=False, supports_autonaming_configuration=True)

    @_reports_errors
    def Check(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        inputs, old_inputs = from_struct(request.news), from_struct(request.olds)
        if "region" in entry.schema.inputs.fields:
            inputs.setdefault("region", self.session.region)
        if entry.resource.name and entry.resource.name.property in entry.schema.inputs.fields:
            proposed = request.autonaming.proposed_name if request.HasField("autonaming") else None
            logical_name = request.urn.rpartition("::")[2]
            inputs = naming.with_name(
                entry.resource.name, logical_name, inputs, old_inputs, request.randomSeed, proposed
            )
        failures = check_resource(entry, inputs)
        return provider.CheckResponse(inputs=to_struct(inputs), failures=_failures(failures))

    @_reports_errors
    def Diff(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        old_inputs, inputs = from_struct(request.old_inputs), from_struct(request.news)
        found = self._changes(entry, old_inputs, from_struct(request.olds), inputs)
        return _diff_response(found, deletes_before_replace(entry, old_inputs, inputs, request.id))

    @_reports_errors
    def Create(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        inputs = from_struct(request.properties)
        if request.preview:
            outputs = self._previewed(entry, inputs, None)
            return provider.CreateResponse(properties=to_struct(outputs))
        identifier, outputs = self._lifecycle(entry, inputs, request.timeout).create(inputs)
        return provider.CreateResponse(id=identifier, properties=to_struct(outputs))

    @_reports_errors
    def Read(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        inputs, last = from_struct(request.inputs), from_struct(request.properties)
        lifecycle = self._lifecycle(entry, {**last, **inputs}, 0)
        live = lifecycle.read(request.id, last)
        if live is None:
            return provider.ReadResponse()
        outputs = lifecycle.outputs(inputs, live, request.id)
        found_inputs = inputs_after_reading(entry, inputs, last, outputs)
        outputs = unfinished(outputs) if is_unfinished(last) else outputs
        return provider.ReadResponse(id=request.id, properties=to_struct(outputs), inputs=to_struct(found_inputs))

    @_reports_errors
    def Update(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        inputs, last = from_struct(request.news), from_struct(request.olds)
        if request.preview:
            return provider.UpdateResponse(properties=to_struct(self._previewed(entry, inputs, last)))
        changed = {change.property for change in self._changes(entry, from_struct(request.old_inputs), last, inputs)}
        lifecycle = self._lifecycle(entry, {**last, **inputs}, request.timeout)
        return provider.UpdateResponse(properties=to_struct(lifecycle.update(request.id, inputs, last, changed)))

    @_reports_errors
    def Delete(self, request: Any, context: Any) -> Any:
        entry = entry_of(_token(request))
        inputs, last = from_struct(request.old_inputs), from_struct(request.properties)
        self._lifecycle(entry, {**last, **inputs}, request.timeout).delete(request.id, inputs, last)
        return empty_pb2.Empty()

    @_reports_errors
    def Invoke(self, request: Any, context: Any) -> Any:
        source = source_of(request.tok)
        arguments = from_struct(request.args)
        failures = check_arguments(source, arguments)
        if failures:
            return provider.InvokeResponse(failures=_failures(failures))
        caller = self._caller(request.tok, source.service, arguments.get("region"), 0)
        return provider.InvokeResponse(**{"return": to_struct(invoke(source, caller, arguments))})

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:
        # The SDK contains the schema. The engine requests it only for other languages.
        return provider.GetSchemaResponse(schema='{"name": "aws"}')

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        self._cancelled.set()
        return empty_pb2.Empty()

    def _caller(self, token: str, service: str, region: str | None, timeout_seconds: float) -> Caller:
        timeout = timeout_seconds or DEFAULT_TIMEOUT_SECONDS
        return Caller(self.session, token, service, region, self._cancelled, timeout)

    def _lifecycle(self, entry: Entry, properties: dict[str, Any], timeout_seconds: float) -> ResourceLifecycle:
        caller = self._caller(entry.resource.type, entry.service, properties.get("region"), timeout_seconds)
        return ResourceLifecycle(entry, caller, self.session.configuration)

    def _changes(
        self, entry: Entry, old_inputs: dict[str, Any], last: dict[str, Any], inputs: dict[str, Any]
    ) -> list[Change]:
        all_tags = tagging.effective(self.session.configuration, inputs.get("tags") or {})
        return changes(entry, old_inputs, last, inputs, all_tags)

    def _previewed(self, entry: Entry, inputs: dict[str, Any], last: dict[str, Any] | None) -> dict[str, Any]:
        return previewed_outputs(entry, inputs, last, {"@region": self.session.region}, self.session.configuration)


def _token(request: Any) -> str:
    """Returns the type in a request. Every engine sends the URN; only recent ones also send the type."""
    return str(request.type or request.urn.split("::")[2].rpartition("$")[2])


def _failures(failures: list[Failure]) -> list[Any]:
    return [provider.CheckFailure(property=failure.path, reason=failure.reason) for failure in failures]


def _diff_response(found: list[Change], delete_before_replace: bool) -> Any:
    kinds = provider.PropertyDiff.Kind
    detailed = {
        change.path: provider.PropertyDiff(
            kind=kinds.Value(change.kind.upper() + ("_REPLACE" if change.forces_replacement else "")),
            inputDiff=change.property not in ("tagsAll", UNFINISHED),
        )
        for change in found
    }
    replaces = sorted({change.property for change in found if change.forces_replacement})
    return provider.DiffResponse(
        changes=provider.DiffResponse.DIFF_SOME if found else provider.DiffResponse.DIFF_NONE,
        diffs=sorted({change.property for change in found}),
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replaces) and delete_before_replace,
    )
