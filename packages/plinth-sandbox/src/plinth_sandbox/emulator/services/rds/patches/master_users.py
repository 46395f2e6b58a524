"""Master users of DB instances and DB clusters: their passwords, and the secrets in which RDS manages them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.rds.patches import requests
from plinth_sandbox.emulator.services.rds.patches.groups import CLUSTER
from plinth_sandbox.emulator.store.record import Record

PASSWORD = "password"
"""Value of a database with the password of its master user, which no answer contains."""


def set_password(call: Call, record: Record, given: Mapping[str, Any]) -> None:
    """Keeps the password of the request, or creates one and its secret, as RDS manages it."""
    if not given.get("ManageMasterUserPassword"):
        record.values[PASSWORD] = str(given["MasterUserPassword"])
        return
    password = mock_random.get_random_string(28)
    user = str(record.values["MasterUsername"])
    kind, prefix = ("cluster", "cluster") if record.noun == CLUSTER else ("instance", "db")
    secret = secretsmanager_backends[call.account][call.region].create_managed_secret(
        service_name="rds",
        secret_id=f"rds!{prefix}-{mock_random.uuid4()}",
        secret_string=json.dumps({"username": user, "password": password}),
        description=f"The secret associated with the primary RDS DB {kind}: {record.arn}",
        kms_key_id=given.get("MasterUserSecretKmsKeyId"),
        tags=[
            {"Key": f"aws:rds:primary{record.noun}Arn", "Value": record.arn},
            {"Key": "aws:secretsmanager:owningService", "Value": "rds"},
        ],
    )
    record.values[PASSWORD] = password
    record.values["MasterUserSecret"] = {
        "SecretArn": secret.arn,
        "SecretStatus": "active",
        "KmsKeyId": given.get("MasterUserSecretKmsKeyId") or "alias/aws/secretsmanager",
    }


def change_password(call: Call, record: Record, given: Mapping[str, Any]) -> None:
    """Sets another password, or lets RDS manage it, if the request says so. Raises AwsError for one that is refused."""
    if given.get("MasterUserPassword") is None and given.get("ManageMasterUserPassword") is None:
        return
    if "MasterUserSecret" in record.values and given.get("ManageMasterUserPassword") is not False:
        if given.get("MasterUserPassword") is not None:
            requests.check_password({**given, "ManageMasterUserPassword": True})
        return
    requests.check_password(given)
    delete_secret(call, record)
    set_password(call, record, given)


def delete_secret(call: Call, record: Record) -> None:
    secret = record.values.pop("MasterUserSecret", None)
    if secret is not None:
        secretsmanager_backends[call.account][call.region].delete_secret(
            secret["SecretArn"], recovery_window_in_days=None, force_delete_without_recovery=True
        )
