"""The ResourceProvider service for objects of Kubernetes."""

# ruff: noqa: N802, ARG002 - gRPC gives the methods' names and arguments

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped]

from plinth_sandbox.kubernetes_provider import objects
from plinth_sandbox.kubernetes_provider.api import Api
from plinth_sandbox.kubernetes_provider.drift import differences
from plinth_sandbox.kubernetes_provider.engine_log import EngineLog
from plinth_sandbox.kubernetes_provider.kubeconfig import connection
from plinth_sandbox.kubernetes_provider.lifecycle import DEFAULT_TIMEOUT_SECONDS, ObjectLifecycle
from plinth_sandbox.kubernetes_provider.objects import Object
from plinth_sandbox.kubernetes_provider.secrets import Secrets, unwrapped
from plinth_sandbox.provider.errors import IncompleteError, ProviderError
from plinth_sandbox.provider.rpc.protocol import plugin, provider, provider_service
from plinth_sandbox.provider.rpc.wire import UNKNOWN, from_struct, has_unknown, to_struct

_log = logging.getLogger(__name__)
_Method = TypeVar("_Method", bound=Callable[..., Any])
_CONFIGURATION = (
    "clusterIdentifier", "context", "enableServerSideApply", "kubeconfig", "namespace", "upsertExistingObjects",
    "version",
)  # fmt: skip
"""Properties of the program's `kubernetes.Provider` that the plugin knows."""


def _reports_errors(method: _Method) -> _Method:
    """Turns the plugin's errors into gRPC statuses, without the secrets of the request."""

    @wraps(method)
    def answer(self: KubernetesProvider, request: Any, context: Any) -> Any:
        secrets = _secrets_of(request)
        try:
            return method(self, request, context)
        except IncompleteError as error:
            _report_incomplete(context, error, secrets)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, secrets.hide(str(error)))
        except Exception as error:
            _log.error("%s failed: %s", method.__name__, type(error).__name__)
            text = secrets.hide(f"{type(error).__name__} in {method.__name__}: {error}")
            context.abort(grpc.StatusCode.INTERNAL, text)

    return answer  # type: ignore[return-value]


def _secrets_of(request: Any) -> Secrets:
    members = ("news", "olds", "old_inputs", "properties", "inputs")
    given = [from_struct(getattr(request, name)) for name in members if hasattr(request, name)]
    return Secrets(*given)


def _report_incomplete(context: Any, error: IncompleteError, secrets: Secrets) -> None:
    detail, reason = any_pb2.Any(), secrets.hide(str(error))
    state = to_struct(secrets.mark(error.outputs))
    detail.Pack(provider.ErrorResourceInitFailed(id=error.identifier, properties=state, reasons=[reason]))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)


class KubernetesProvider(provider_service.ResourceProviderServicer):  # type: ignore[misc]
    """One provider instance: one cluster, one user. The engine calls it from many threads."""

    def __init__(self, version: str, engine: EngineLog) -> None:
        self._version, self._engine = version, engine
        self._cancelled = threading.Event()
        self._api: Api | None = None
        self._upsert = False

    @_reports_errors
    def CheckConfig(self, request: Any, context: Any) -> Any:
        given = unwrapped(from_struct(request.news))
        failures = [
            provider.CheckFailure(
                property=name,
                reason=f"is not supported by the sandbox; supported are: {', '.join(_CONFIGURATION)}",
            )
            for name in sorted(given)
            if name not in _CONFIGURATION
        ]
        if _decoded(given.get("enableServerSideApply", True)) is False:
            reason = "must be true, because the sandbox applies objects on the server's side"
            failures.append(provider.CheckFailure(property="enableServerSideApply", reason=reason))
        return provider.CheckResponse(inputs=request.news, failures=failures)

    @_reports_errors
    def DiffConfig(self, request: Any, context: Any) -> Any:
        before, after = from_struct(request.old_inputs), from_struct(request.news)
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        kind = provider.DiffResponse.DIFF_SOME if changed else provider.DiffResponse.DIFF_NONE
        return provider.DiffResponse(changes=kind, diffs=changed)

    @_reports_errors
    def Configure(self, request: Any, context: Any) -> Any:
        given = unwrapped(from_struct(request.args))
        self._upsert = _decoded(given.get("upsertExistingObjects", False)) is True
        if not has_unknown(given):
            if not given.get("kubeconfig"):
                raise ProviderError(
                    "no kubeconfig: set `kubeconfig` of the kubernetes.Provider; the sandbox uses no kubeconfig of the "
                    "user, which could lead to another cluster"
                )
            self._api = Api(
                connection(given["kubeconfig"], str(given.get("context", "")), str(given.get("namespace", "")))
            )
        return provider.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, supports_autonaming_configuration=True
        )

    def Handshake(self, request: Any, context: Any) -> Any:
        # The answer must equal that of Configure.
        return provider.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @_reports_errors
    def Check(self, request: Any, context: Any) -> Any:
        objects.check_type(_token(request))
        inputs = from_struct(request.news)
        version, kind = objects.type_of(_token(request))
        inputs = {"apiVersion": version, "kind": kind, "metadata": {}, **inputs}
        proposed = request.autonaming.proposed_name if request.HasField("autonaming") else None
        logical_name = request.urn.rpartition("::")[2]
        old_inputs = unwrapped(from_struct(request.olds))
        named = objects.with_name(inputs, old_inputs, logical_name, request.randomSeed, proposed)
        return provider.CheckResponse(inputs=to_struct(named))

    @_reports_errors
    def Diff(self, request: Any, context: Any) -> Any:
        before, wanted = unwrapped(from_struct(request.old_inputs)), unwrapped(from_struct(request.news))
        found = list(differences(before, wanted))
        replacing = self._replacing(request, before, wanted, found) if found else set()
        kinds = provider.PropertyDiff.Kind
        detailed = {
            path: provider.PropertyDiff(
                kind=kinds.Value(kind + ("_REPLACE" if path in replacing else "")), inputDiff=True
            )
            for path, kind in found
        }
        return provider.DiffResponse(
            changes=provider.DiffResponse.DIFF_SOME if found else provider.DiffResponse.DIFF_NONE,
            diffs=sorted({_property(path) for path, _ in found}),
            replaces=sorted({_property(path) for path in replacing}),
            detailedDiff=detailed,
            hasDetailedDiff=True,
            # Two objects cannot have the same name. A generated name is a new one for the replacement.
            deleteBeforeReplace=bool(replacing) and not objects.annotation(wanted, objects.AUTONAMED),
        )

    def _replacing(self, request: Any, before: Object, wanted: Object, found: list[tuple[str, str]]) -> set[str]:
        """Returns the paths of the differences that need a new object."""
        namespace = self._api.connection.namespace if self._api else "default"
        old, new = objects.identity(before, namespace), objects.identity(wanted, namespace)
        changed = {path for path in old if old[path] != new[path]}
        if changed:
            return {path for path, _ in found if any(_touch(path, other) for other in changed)}
        if self._api is None or has_unknown(wanted):
            return set()
        fields = self._lifecycle(request, self._manager(request)).immutable_fields(wanted)
        if fields is None:
            return set()
        named = {path for path, _ in found if any(_touch(path, field) for field in fields)}
        return named or {path for path, _ in found}

    @_reports_errors
    def Create(self, request: Any, context: Any) -> Any:
        marked = from_struct(request.properties)
        secrets, wanted = Secrets(marked), unwrapped(marked)
        manager = objects.field_manager(request.urn)
        if request.preview:
            return provider.CreateResponse(properties=self._previewed(request, wanted, secrets, manager, exists=False))
        identifier, outputs = self._lifecycle(request, manager).create(wanted, upsert=self._upsert)
        return provider.CreateResponse(id=identifier, properties=to_struct(secrets.mark(outputs)))

    @_reports_errors
    def Update(self, request: Any, context: Any) -> Any:
        marked = from_struct(request.news)
        secrets, wanted = Secrets(marked), unwrapped(marked)
        manager = self._manager(request)
        if request.preview:
            return provider.UpdateResponse(properties=self._previewed(request, wanted, secrets, manager, exists=True))
        outputs = self._lifecycle(request, manager).update(wanted)
        return provider.UpdateResponse(properties=to_struct(secrets.mark(outputs)))

    def _previewed(self, request: Any, wanted: Object, secrets: Secrets, manager: str, *, exists: bool) -> Any:
        """Returns the outputs that a preview shows: the server's answer to a dry run if it can give one."""
        found = None
        if self._api is not None and not has_unknown(wanted):
            found = self._lifecycle(request, manager).previewed(wanted, exists=exists)
        if found is None:
            return to_struct(secrets.mark({**wanted, "status": UNKNOWN}))
        shown = objects.outputs_of(found, manager)
        if not exists:
            # A dry run invents what only the creation decides.
            shown["metadata"] |= dict.fromkeys(("creationTimestamp", "uid", "resourceVersion"), UNKNOWN)
        shown["status"] = UNKNOWN
        return to_struct(secrets.mark(shown))

    @_reports_errors
    def Read(self, request: Any, context: Any) -> Any:
        objects.check_type(_token(request))
        marked = from_struct(request.inputs)
        secrets, inputs = Secrets(marked, from_struct(request.properties)), unwrapped(marked)
        lifecycle = self._lifecycle(request, self._manager(request))
        if not inputs:
            return self._imported(request)
        found = lifecycle.read(inputs)
        if found is None:
            return provider.ReadResponse()
        now, outputs = found
        return provider.ReadResponse(
            id=request.id, inputs=to_struct(secrets.mark(now)), properties=to_struct(secrets.mark(outputs))
        )

    def _imported(self, request: Any) -> Any:
        version, kind = objects.type_of(_token(request))
        namespace, _, name = request.id.rpartition("/")
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        live = self._configured.get({"apiVersion": version, "kind": kind, "metadata": metadata})
        if live is None:
            return provider.ReadResponse()
        secrets = Secrets(live)
        outputs = objects.outputs_of(live, objects.field_manager(request.urn))
        inputs = to_struct(secrets.mark(objects.inputs_of(live)))
        return provider.ReadResponse(id=request.id, inputs=inputs, properties=to_struct(secrets.mark(outputs)))

    @_reports_errors
    def Delete(self, request: Any, context: Any) -> Any:
        self._lifecycle(request, self._manager(request)).delete(unwrapped(from_struct(request.properties)))
        return empty_pb2.Empty()

    @_reports_errors
    def Invoke(self, request: Any, context: Any) -> Any:
        raise ProviderError(f"the sandbox's Kubernetes provider has no function {request.tok}")

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:
        # The SDK contains the schema. The engine requests it only for other languages.
        return provider.GetSchemaResponse(schema='{"name": "kubernetes"}')

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        self._cancelled.set()
        return empty_pb2.Empty()

    @property
    def _configured(self) -> Api:
        if self._api is None:
            raise ProviderError("the kubeconfig of the provider is not known yet: deploy the cluster first")
        return self._api

    def _manager(self, request: Any) -> str:
        """Returns the name under which the object's fields were applied. It outlives a new name of the resource."""
        members = ("olds", "properties")
        kept = (from_struct(getattr(request, name)) for name in members if hasattr(request, name))
        found = next(
            (properties[objects.FIELD_MANAGER] for properties in kept if objects.FIELD_MANAGER in properties), None
        )
        return str(unwrapped(found) or objects.field_manager(request.urn))

    def _lifecycle(self, request: Any, manager: str) -> ObjectLifecycle:
        def warn(message: str) -> None:
            self._engine.warn(request.urn, _secrets_of(request).hide(message))

        timeout = getattr(request, "timeout", 0) or _annotated_timeout(request) or DEFAULT_TIMEOUT_SECONDS
        return ObjectLifecycle(self._configured, manager, warn, self._cancelled, timeout)


def _annotated_timeout(request: Any) -> float:
    members = ("news", "properties")
    given = [unwrapped(from_struct(getattr(request, name))) for name in members if hasattr(request, name)]
    text = next((found for properties in given if (found := objects.annotation(properties, objects.TIMEOUT))), "")
    return float(text) if text.isdigit() else 0.0


def _token(request: Any) -> str:
    """Returns the type in a request. Every engine sends the URN; only recent ones also send the type."""
    return str(request.type or request.urn.split("::")[2].rpartition("$")[2])


def _property(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _touch(path: str, field: str) -> bool:
    """Returns whether one of two paths contains the other."""
    return any(f"{inner}.".startswith((f"{outer}.", f"{outer}[")) for inner, outer in ((path, field), (field, path)))


def _decoded(value: Any) -> Any:
    """Returns a property of the provider, which the SDK sends as JSON text unless it is a string."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
