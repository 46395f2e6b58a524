"""The instances of all functions: starts them, keeps them warm, and ends them.

Sources: Lambda Developer Guide, "Understanding Lambda function scaling" and "Configuring reserved concurrency" (read
2026-11-22).
"""

from __future__ import annotations

import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.service_session import open_session
from plinth_sandbox.emulator.services.awslambda.executor.code import python_path
from plinth_sandbox.emulator.services.awslambda.executor.instance import Event, Instance, Result
from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion
from plinth_sandbox.environment import endpoint_variables

IDLE_SECONDS = 600.0
"""Time after which an instance without invocations ends."""
_LOOK_SECONDS = 30.0
_ROOM_SECONDS = 0.5
_THROTTLED = "Rate Exceeded."


class Fleet:
    """The instances of a sandbox's functions. Its methods are called outside the emulator's lock."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._changed = threading.Condition()
        self._idle: list[Instance] = []
        self._busy: Counter[str] = Counter()
        """Number of invocations by function."""
        self._reaper: threading.Thread | None = None
        outside.at_close(self._close)

    def invoke(self, version: FunctionVersion, event: Event) -> tuple[Result, Instance]:
        """Runs one invocation and returns its result with the instance.

        Raises: AwsError if the function has too many invocations, or cannot start.
        """
        self._enter(version)
        instance = None
        try:
            instance = self._take(version)
            return instance.invoke(event), instance
        finally:
            self._leave(version, instance)

    def waits_for_room(self, version: FunctionVersion) -> bool:
        """Waits a moment for room for an invocation. Returns whether there still is none."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._has_room(version), _ROOM_SECONDS)

    def retire(self, name_or_arn: str, account: str) -> None:
        """Ends the idle instances of a function that was changed or deleted."""
        name = name_or_arn.split(":function:")[-1].split(":")[0]
        self._end_if(lambda instance: instance.version.name == name and instance.version.account == account)

    def _has_room(self, version: FunctionVersion) -> bool:
        return version.most_instances is None or self._busy[version.arn] < version.most_instances

    def _enter(self, version: FunctionVersion) -> None:
        with self._changed:
            if not self._has_room(version):
                reason = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}
                raise AwsError("TooManyRequestsException", _THROTTLED, 429, **reason)
            self._busy[version.arn] += 1

    def _take(self, version: FunctionVersion) -> Instance:
        with self._changed:
            for instance in reversed(self._idle):
                if instance.version.fingerprint == version.fingerprint and instance.is_alive:
                    self._idle.remove(instance)
                    return instance
        self._end_if(lambda idle: (idle.version.arn, idle.version.number) == (version.arn, version.number))
        return self._start(version)

    def _leave(self, version: FunctionVersion, instance: Instance | None) -> None:
        with self._changed:
            self._busy[version.arn] -= 1
            stays = instance is not None and instance.is_alive and self._outside.is_open
            if stays:
                assert instance is not None
                instance.idle_since = time.monotonic()
                self._idle.append(instance)
                self._watch()
            self._changed.notify_all()
        if instance is not None and not stays:
            instance.close()

    def _start(self, version: FunctionVersion) -> Instance:
        try:
            path = python_path(self._outside.directory, version.code, version.layers)
        except zipfile.BadZipFile as error:
            message = "Could not unzip uploaded file. Please check your file, then try to upload again."
            raise AwsError("InvalidZipFileException", message, 502) from error
        return Instance(version, path, self._settings(version))

    def _settings(self, version: FunctionVersion) -> dict[str, str]:
        """Opens a session of the function's role in the name of Lambda, as variables. Its calls are judged."""
        # The name of a session has at least two characters, that of a function one.
        asked = {"RoleArn": version.role, "RoleSessionName": version.name.ljust(2, "-")}
        origin = {"subnets": list(version.subnets)}
        try:
            session = open_session(self._outside, "lambda", version.region, asked, origin)["Credentials"]
        except AwsError as error:
            message = "The role defined for the function cannot be assumed by Lambda."
            raise AwsError("AccessDeniedException", message, 403) from error
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
            **endpoint_variables(self._outside.url),
        }

    def _end_if(self, unfit: Callable[[Instance], bool]) -> None:
        with self._changed:
            ended = [instance for instance in self._idle if unfit(instance)]
            self._idle = [instance for instance in self._idle if instance not in ended]
        for instance in ended:
            instance.close()

    def _watch(self) -> None:
        """Ends instances that were idle for long, in a thread that lives as long as there are any."""
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="functions", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        while True:
            self._end_if(
                lambda instance: time.monotonic() - instance.idle_since > IDLE_SECONDS or not instance.is_alive
            )
            with self._changed:
                if not self._idle:
                    self._reaper = None
                    return
                self._changed.wait(_LOOK_SECONDS)

    def _close(self) -> None:
        with self._changed:
            self._changed.notify_all()
        self._end_if(lambda _: True)
