"""Secrets Manager: rotations, which moto performs with a function that it runs itself.

A rotation by RDS of its own secret is part of the patches of databases. Source: Secrets Manager API, RotateSecret.
"""

from __future__ import annotations

from moto.secretsmanager.models import secretsmanager_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _rotate(exchange: Exchange) -> Answer:
    """Refuses a rotation. moto takes AWSCURRENT from the value before the function has made a new one, also where no
    function exists."""
    given = exchange.call.parameters
    secrets = secretsmanager_backends[exchange.call.account][exchange.call.region].secrets
    secret = secrets.get(given["SecretId"])
    if secret is None:
        return exchange.below()
    if not given.get("RotationLambdaARN") and not secret.rotation_lambda_arn:
        message = "No Lambda rotation function ARN is associated with this secret."
        raise AwsError("InvalidRequestException", message)
    raise NotEmulatedError("a rotation with a function")


PATCHES: Patches = {"RotateSecret": _rotate}
