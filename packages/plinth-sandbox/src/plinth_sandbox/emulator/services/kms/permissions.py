"""KMS: the keys that calls name, and the use of keys that S3 makes in the name of a role."""

from __future__ import annotations

from plinth_sandbox.emulator.authorization.permissions.needed import Needed

_AWS_MANAGED = "alias/aws/"


def key_arn(name: str, account: str, region: str) -> str:
    """Returns the ARN of a key that is named by id, ARN or alias. An alias without a key stays as it is."""
    if ":alias/" in name:
        _, _, _, region, account, alias = name.split(":", 5)
        return key_arn(alias, account, region)
    if name.startswith("arn:"):
        return name
    if name.startswith("alias/"):
        from moto.kms.models import kms_backends

        known = kms_backends[account]
        found = known[region].get_key_id_from_alias(name) if region in known else None
        return f"arn:aws:kms:{region}:{account}:{f'key/{found}' if found else name}"
    return f"arn:aws:kms:{region}:{account}:key/{name}"


def is_customer_managed(name: str | None) -> bool:
    return bool(name) and _AWS_MANAGED not in str(name)


def through_s3(action: str, key: str, encrypted: str, region: str) -> Needed:
    """Returns the permission to use a key through S3 for an object or, with a bucket key, a bucket."""
    context = {"kms:ViaService": [f"s3.{region}.amazonaws.com"], "kms:EncryptionContext:aws:s3:arn": [encrypted]}
    return Needed(f"kms:{action}", key, context, via="s3.amazonaws.com")
