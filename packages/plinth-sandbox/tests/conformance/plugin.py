"""Drives the provider plugin like the engine: check, diff, preview, then the operation itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from plinth_sandbox.provider.process import serve
from plinth_sandbox.provider.rpc.protocol import provider, provider_service
from plinth_sandbox.provider.rpc.service import AwsProvider
from plinth_sandbox.provider.rpc.wire import from_struct, has_unknown, to_struct

REGION = "eu-west-1"


class RefusedError(AssertionError):
    """Check reported errors: reason by property path."""

    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__(failures)
        self.failures = failures


@dataclass
class Kept:
    """A resource as the engine stores it in its state."""

    type: str
    name: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    known: dict[str, Any] = field(default_factory=dict)
    """Prerequisites of the resource's sample."""

    @property
    def urn(self) -> str:
        return f"urn:pulumi:stack::project::{self.type}::{self.name}"


@dataclass
class Plan:
    """The answer of Diff."""

    changed: list[str]
    paths: dict[str, str] = field(default_factory=dict)
    replaces: list[str] = field(default_factory=list)
    delete_before_replace: bool = False


class Plugin:
    """A configured provider instance behind a real gRPC channel."""

    def __init__(self, stub: Any, **configuration: Any) -> None:
        self.stub = stub
        self.stub.Configure(provider.ConfigureRequest(args=to_struct({"region": REGION, **configuration})))

    def check(
        self, type_token: str, name: str, inputs: dict[str, Any], old_inputs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns the checked inputs. Raises RefusedError."""
        answer = self.stub.Check(
            provider.CheckRequest(
                urn=f"urn:pulumi:stack::project::{type_token}::{name}",
                type=type_token,
                olds=to_struct(old_inputs or {}),
                news=to_struct(inputs),
                randomSeed=name.encode() * 8,
            )
        )
        if answer.failures:
            raise RefusedError({failure.property: failure.reason for failure in answer.failures})
        return from_struct(answer.inputs)

    def create(self, type_token: str, name: str, inputs: dict[str, Any]) -> Kept:
        """Previews and creates a resource. Values that the preview knew must match the result."""
        checked = self.check(type_token, name, inputs)
        kept = Kept(type_token, name, "", checked, {})
        request = provider.CreateRequest(urn=kept.urn, type=type_token, properties=to_struct(checked), preview=True)
        previewed = from_struct(self.stub.Create(request).properties)
        request.preview = False
        answer = self.stub.Create(request)
        kept.id, kept.outputs = answer.id, from_struct(answer.properties)
        _assert_as_previewed(previewed, kept.outputs)
        return kept

    def diff(self, kept: Kept, inputs: dict[str, Any]) -> Plan:
        """Returns the engine's plan for these inputs."""
        checked = self.check(kept.type, kept.name, inputs, kept.inputs)
        answer = self.stub.Diff(
            provider.DiffRequest(
                id=kept.id,
                urn=kept.urn,
                type=kept.type,
                olds=to_struct(kept.outputs),
                old_inputs=to_struct(kept.inputs),
                news=to_struct(checked),
            )
        )
        kinds = provider.PropertyDiff.Kind
        return Plan(
            changed=list(answer.diffs),
            paths={path: kinds.Name(change.kind) for path, change in answer.detailedDiff.items()},
            replaces=list(answer.replaces),
            delete_before_replace=answer.deleteBeforeReplace,
        )

    def update(self, kept: Kept, inputs: dict[str, Any]) -> Kept:
        """Previews and updates in place."""
        checked = self.check(kept.type, kept.name, inputs, kept.inputs)
        request = provider.UpdateRequest(
            id=kept.id,
            urn=kept.urn,
            type=kept.type,
            olds=to_struct(kept.outputs),
            old_inputs=to_struct(kept.inputs),
            news=to_struct(checked),
            preview=True,
        )
        previewed = from_struct(self.stub.Update(request).properties)
        request.preview = False
        outputs = from_struct(self.stub.Update(request).properties)
        _assert_as_previewed(previewed, outputs)
        return Kept(kept.type, kept.name, kept.id, checked, outputs)

    def refresh(self, kept: Kept) -> Kept | None:
        """Reads the resource's state in AWS; None if it is gone."""
        return self._read(kept.type, kept.name, kept.id, kept.inputs, kept.outputs)

    def import_(self, type_token: str, name: str, identifier: str) -> Kept | None:
        """Reads a resource, given only its id."""
        return self._read(type_token, name, identifier, {}, {})

    def _read(
        self, type_token: str, name: str, identifier: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> Kept | None:
        request = provider.ReadRequest(
            id=identifier,
            urn=f"urn:pulumi:stack::project::{type_token}::{name}",
            type=type_token,
            inputs=to_struct(inputs),
            properties=to_struct(outputs),
        )
        answer = self.stub.Read(request)
        if not answer.id:
            return None
        return Kept(type_token, name, answer.id, from_struct(answer.inputs), from_struct(answer.properties))

    def delete(self, kept: Kept) -> None:
        """Deletes a resource twice, as after an interrupted destroy."""
        request = provider.DeleteRequest(
            id=kept.id,
            urn=kept.urn,
            type=kept.type,
            properties=to_struct(kept.outputs),
            old_inputs=to_struct(kept.inputs),
        )
        self.stub.Delete(request)

    def invoke(self, token: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
        """Returns a data source's answer. Raises RefusedError."""
        answer = self.stub.Invoke(provider.InvokeRequest(tok=token, args=to_struct(arguments or {})))
        if answer.failures:
            raise RefusedError({failure.property: failure.reason for failure in answer.failures})
        return from_struct(getattr(answer, "return"))


def _assert_as_previewed(previewed: dict[str, Any], outputs: dict[str, Any]) -> None:
    known = {name: value for name, value in previewed.items() if not has_unknown(value)}
    differing = {
        name: (value, outputs.get(name)) for name, value in known.items() if not _has(outputs.get(name), value)
    }
    assert not differing, f"previewed and then different: {differing}"


def _has(found: Any, wanted: Any) -> bool:
    """Returns whether a value contains all of another. AWS may fill in members of nested objects."""
    match wanted, found:
        case dict(), dict():
            return all(_has(found.get(name), inner) for name, inner in wanted.items())
        case list(), list():
            return len(wanted) == len(found) and all(map(_has, found, wanted))
        case _:
            return wanted == found


@contextmanager
def plugin_in_this_process():
    """Yields a stub for a server in this process, which is fast and still uses a real channel."""
    server, port = serve(AwsProvider("7.51.1"))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_service.ResourceProviderStub(channel)
    server.stop(grace=None).wait()
