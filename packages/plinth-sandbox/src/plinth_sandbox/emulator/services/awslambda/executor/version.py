"""One version of a function as it is at the time of an invocation, and which version a qualifier means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.patches.patch import Memory

LATEST = "$LATEST"
RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")
"""Runtimes for which the Python of the sandbox stands."""


@dataclass(frozen=True)
class FunctionVersion:
    """Settings and code that an instance of a function needs to run."""

    account: str
    region: str
    name: str
    number: str
    """Number of the version, or ``$LATEST``."""
    qualifier: str
    """Qualifier of the invocation. Without one it is empty."""
    runtime: str
    handler: str
    role: str
    timeout_seconds: int
    memory_mib: int
    environment: Mapping[str, str]
    key_arn: str
    """Customer managed key of the environment, or nothing."""
    subnets: Sequence[str]
    log_group: str
    log_format: str
    """``Text`` or ``JSON``."""
    most_instances: int | None
    """Reserved concurrency."""
    code: bytes = field(repr=False)
    layers: tuple[bytes, ...] = field(repr=False)

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def invoked_arn(self) -> str:
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the settings, the code and the layers. If it changes, an instance is unfit for an invocation."""
        settings = [self.arn, self.number, self.runtime, self.handler, self.role, self.timeout_seconds]
        settings += [self.memory_mib, dict(self.environment), list(self.subnets), self.log_group, self.log_format]
        parts = [json.dumps(settings, sort_keys=True).encode(), self.code, *self.layers]
        return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def function_of(account: str, region: str, name: str, qualifier: str = "") -> tuple[LambdaFunction, str]:
    """Returns a function of moto by its name or ARN, and the qualifier of the request, which a name may contain.

    Raises: AwsError.
    """
    if ":" in name:
        parts = name.split(":")
        at = parts.index("function") if "function" in parts else -1
        if name.startswith("arn:"):
            region, account = parts[3], parts[4]
        elif at == 1:
            account = parts[0]
        bare = parts[at + 1 :] if at >= 0 else parts
        name, qualifier = bare[0], bare[1] if len(bare) > 1 else qualifier
    backend = lambda_backends[account][region]
    try:
        return backend.get_function(name, qualifier or None), qualifier
    except UnknownFunctionException as error:
        where = f"arn:aws:lambda:{region}:{account}:function:{name}" + (f":{qualifier}" if qualifier else "")
        raise AwsError("ResourceNotFoundException", f"Function not found: {where}") from error


def version_of(account: str, region: str, name: str, qualifier: str, memory: Memory) -> FunctionVersion:
    """Returns the version that an invocation runs. An alias with weights chooses one of two.

    Raises: AwsError, and NotEmulatedError for a function that the sandbox cannot run.
    """
    function, qualifier = function_of(account, region, name, qualifier)
    account, region = function.account_id, function.region
    backend = lambda_backends[account][region]
    alias = backend._lambdas._aliases[backend.get_function(function.function_name).function_arn].get(qualifier)
    if alias is not None:
        weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
        chosen = _by_weight(weights, alias.function_version, memory.notes("alias-weights", alias.arn))
        function = backend.get_function(function.function_name, None if chosen == LATEST else chosen)
    if function.package_type != "Zip" or function.run_time not in RUNTIMES:
        raise NotEmulatedError(f"lambda Invoke of a function with runtime {function.run_time or 'Image'}")
    layers = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
    logging = getattr(function, "logging_config", None) or {}
    latest = backend.get_function(function.function_name)
    return FunctionVersion(
        account=account,
        region=region,
        name=function.function_name,
        number=str(function.version),
        qualifier=qualifier,
        runtime=str(function.run_time),
        handler=str(function.handler),
        role=function.role,
        timeout_seconds=int(function.timeout),
        memory_mib=int(function.memory_size),
        environment=dict(function.environment_vars),
        key_arn=function.kms_key_arn or "",
        subnets=tuple((function._vpc_config or {}).get("SubnetIds") or ()),
        log_group=logging.get("LogGroup") or f"/aws/lambda/{function.function_name}",
        log_format=logging.get("LogFormat", "Text"),
        most_instances=_number(latest.reserved_concurrency),
        code=function.code_bytes,
        layers=tuple(layer.code_bytes for layer in layers if layer is not None),
    )


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _by_weight(weights: Mapping[str, float], main: str, state: dict[str, Any]) -> str:
    """Returns the version of the next invocation. Each version gets its share of every sequence of invocations, not
    only on average."""
    if not weights:
        return main
    (other, weight), *_ = weights.items()
    due = float(state.get("due", 0.0)) + float(weight)
    # Sums of weights such as 0.1 miss 1 by rounding.
    is_other = due > 1 - 1e-9
    state["due"] = due - 1 if is_other else due
    return other if is_other else main
