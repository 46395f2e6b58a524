"""Creates, updates, reads and deletes one object."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.kubernetes_provider import objects
from plinth_sandbox.kubernetes_provider.api import Api, ApiError, UnknownKindError, Warn
from plinth_sandbox.kubernetes_provider.drift import inputs_after_reading
from plinth_sandbox.kubernetes_provider.objects import Object
from plinth_sandbox.kubernetes_provider.readiness import RUNS_PODS, FailedError, reason_to_wait
from plinth_sandbox.kubernetes_provider.wait_for import WAIT_FOR, reason_to_wait_for
from plinth_sandbox.provider.errors import IncompleteError, ProviderError, StoppedError

DEFAULT_TIMEOUT_SECONDS = 600.0
"""Timeout if the program sets none: ten minutes, as of the vendor's provider."""
_LOOK_SECONDS = 0.2
_NEW_KIND_SECONDS = 30.0
"""Time until the server serves a kind whose definition was just established."""
_CONTROLLER_SECONDS = 3.0
"""Time in which the controllers say what is wrong with an object, such as pods that are refused."""
_INVALID = (400, 422)


@dataclass(frozen=True, slots=True)
class ObjectLifecycle:
    """The operations on one object."""

    api: Api
    manager: str
    warn: Warn
    cancelled: threading.Event
    timeout_seconds: float

    def previewed(self, wanted: Object, *, exists: bool) -> Object | None:
        """Returns what the object would become, or None if nobody can know yet. Raises ApiError if it is refused."""
        try:
            return self._apply(wanted, force=exists, dry_run=True)
        except UnknownKindError:
            return None
        except ApiError as error:
            if not exists and _only_immutable(error):
                # The object that this one replaces is still there. The server has found no other fault.
                return None
            if error.status != 404:
                raise
        self._validate_elsewhere(wanted)
        return None

    def create(self, wanted: Object, *, upsert: bool = False) -> tuple[str, Object]:
        """Returns id and outputs. Raises IncompleteError if the object does not become ready, and ProviderError if it
        exists already, unless ``upsert`` allows taking it over."""
        if not upsert:
            self._refuse_existing(wanted)
        created = self._apply_new_kind(wanted)
        identifier = objects.identifier(created, self.api.namespace_of(created))
        return identifier, self._awaited(wanted, created, identifier)

    def update(self, wanted: Object) -> Object:
        """Returns the outputs. Takes over fields that others have changed."""
        changed = self._apply(wanted, force=True)
        identifier = objects.identifier(changed, self.api.namespace_of(changed))
        return self._awaited(wanted, changed, identifier)

    def read(self, inputs: Object) -> tuple[Object, Object] | None:
        """Returns inputs and outputs as they are in the cluster, or None if the object does not exist."""
        live = self.api.get(inputs)
        if live is None:
            return None
        try:
            applied = self._apply(inputs, force=True, dry_run=True)
        except ApiError:
            applied = inputs
        return inputs_after_reading(inputs, applied, live), objects.outputs_of(live, self.manager)

    def delete(self, outputs: Mapping[str, Any]) -> None:
        """Deletes the object and waits until it is gone. Another object that has its name now stays."""
        uid = str(objects.metadata_of(outputs).get("uid") or "")
        try:
            self.api.delete(outputs, uid)
        except UnknownKindError:
            return
        except ApiError as error:
            if error.status == 404 or (error.status == 409 and "uid" in error.message.lower()):
                return
            raise
        until = time.monotonic() + self.timeout_seconds
        while (live := self.api.get(outputs)) is not None and live["metadata"]["uid"] == uid:
            self._wait(until, f"it is being deleted: {live['metadata'].get('finalizers') or 'no finalizers'}")

    def immutable_fields(self, wanted: Object) -> tuple[str, ...] | None:
        """Returns the fields that cannot change, if the API server refuses the change for that reason; else None."""
        try:
            self._apply(wanted, force=True, dry_run=True)
        except UnknownKindError:
            return None
        except ApiError as error:
            return error.immutable_fields or None
        return None

    def _refuse_existing(self, wanted: Object) -> None:
        """Refuses to create what exists, as the vendor's provider does since version 4.29. Applying would take it over
        silently."""
        try:
            live = self.api.get(wanted)
        except UnknownKindError:
            return
        if live is not None:
            name = objects.identifier(live, self.api.namespace_of(live))
            raise ProviderError(
                f"{live['kind']} {name} exists already; import it, or set `upsertExistingObjects` of the provider to "
                "take over what exists"
            )

    def _apply(self, wanted: Object, *, force: bool, dry_run: bool = False) -> Object:
        return self.api.apply(wanted, self.manager, warn=self.warn, force=force, dry_run=dry_run)

    def _apply_new_kind(self, wanted: Object) -> Object:
        until = time.monotonic() + _NEW_KIND_SECONDS
        while True:
            try:
                return self._apply(wanted, force=False)
            except UnknownKindError:
                if time.monotonic() > until:
                    raise
                self._wait(until + _NEW_KIND_SECONDS, "")

    def _validate_elsewhere(self, wanted: Object) -> None:
        """Checks an object whose namespace does not exist yet as if it were in another one. Only what is invalid
        anywhere counts."""
        elsewhere = {**wanted, "metadata": {**wanted["metadata"], "namespace": "default"}}
        try:
            self._apply(elsewhere, force=True, dry_run=True)
        except ApiError as error:
            if error.status in _INVALID:
                raise

    def _awaited(self, wanted: Object, live: Object, identifier: str) -> Object:
        if objects.annotation(wanted, objects.SKIP_AWAIT) == "true":
            return objects.outputs_of(live, self.manager)
        started = time.monotonic()
        until = started + self.timeout_seconds
        try:
            while waiting := self._reason_to_wait(wanted, live):
                if time.monotonic() > started + _CONTROLLER_SECONDS:
                    self._refuse_without_nodes(live, waiting)
                self._wait(until, waiting)
                live = self._still(live)
        except ProviderError as error:
            raise IncompleteError(identifier, objects.outputs_of(live, self.manager), error) from error
        return objects.outputs_of(live, self.manager)

    @staticmethod
    def _reason_to_wait(wanted: Object, live: Object) -> str:
        """Returns why an object is not ready. A condition of the program replaces the usual rule."""
        condition = objects.annotation(wanted, WAIT_FOR)
        return reason_to_wait_for(condition, live) if condition else reason_to_wait(live)

    def _still(self, live: Object) -> Object:
        found = self.api.get(live)
        if found is None:
            raise FailedError("the object was deleted while it became ready")
        return found

    def _refuse_without_nodes(self, live: Object, waiting: str) -> None:
        if live["kind"] in RUNS_PODS and not self._may_have_nodes():
            raise FailedError(
                f"{waiting}, and the cluster has no node on which a pod could run. Clusters in Auto Mode have one with "
                f'plinth sandbox up --nodes. Set the annotation {objects.SKIP_AWAIT}: "true" if the program may go on '
                "without pods"
            )

    def _may_have_nodes(self) -> bool:
        try:
            return self.api.has_nodes()
        except ApiError:
            return True

    def _wait(self, until: float, reason: str) -> None:
        if self.cancelled.is_set():
            raise StoppedError(f"cancelled; {reason}")
        if time.monotonic() > until:
            raise StoppedError(f"timed out after {self.timeout_seconds:.0f} s; {reason}")
        time.sleep(_LOOK_SECONDS)


def _only_immutable(error: ApiError) -> bool:
    """Returns whether the only thing wrong is that fields cannot change."""
    return bool(error.causes) and len(error.immutable_fields) == len(error.causes)
