"""States in a bucket, with secrets that a key of KMS encrypts, as at AWS."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from plinth_sandbox.layout import Layout
from plinth_sandbox.states.place import BUCKET
from selfservice.clusters.job_inputs import FOLDER
from tests.support.workbench import Workbench

REGION = "eu-west-1"
BACKEND = f"s3://{BUCKET}?region={REGION}&awssdk=v2"
"""URL of the backend. With the second SDK it is the same on every machine and in pods, as at AWS."""

_ALIAS = "alias/states"


def keep_states_in_s3(bench: Workbench, *further: str) -> str:
    """Makes all commands keep their states in the bucket of a sandbox that is up with ``--states s3``, with one key
    of KMS for all stacks that have a file, and for ``further`` ones. Their shell has no passphrase. Returns the ARN of
    the key."""
    key = _key(bench)
    provider = f"awskms:///{key}?region={REGION}&awssdk=v2"
    for file in {*(bench.project / "environments").glob("Pulumi.*.yaml"), *map(bench.settings_file, further)}:
        content = yaml.safe_load(file.read_text()) if file.exists() else {}
        if content.get("secretsprovider") != provider:
            for other in ("encryptionsalt", "encryptedkey"):
                content.pop(other, None)
            # As JSON, which is YAML too, strings of digits keep their quotes.
            file.write_text(json.dumps({**content, "secretsprovider": provider}, indent=2))
    bench.keep_states_at(BACKEND)
    return key


def move_states_to_s3(bench: Workbench) -> None:
    """Copies the states in the folder of a sandbox that is up with ``--states s3`` into its bucket, and makes all
    commands keep them there. Their secrets are plain text until an update of their stack encrypts them."""
    folder = Layout(bench.sandbox_folder).state
    states = {file: _with_plain_secrets(bench, file) for file in folder.glob(".pulumi/stacks/*/*.json")}
    key, s3, kms = keep_states_in_s3(bench), bench.client("s3"), bench.client("kms")
    for file, content in states.items():
        settings = json.loads(bench.settings_file(file.stem).read_text())
        # What the engine writes when it creates the state of a stack: the key for its secrets, as KMS has encrypted it.
        encrypted = base64.b64encode(kms.encrypt(KeyId=key, Plaintext=os.urandom(32))["CiphertextBlob"]).decode()
        bench.settings_file(file.stem).write_text(json.dumps({**settings, "encryptedkey": encrypted}, indent=2))
        state = {"url": settings["secretsprovider"], "encryptedkey": encrypted}
        content["checkpoint"]["latest"]["secrets_providers"] = {"type": "cloud", "state": state}
        s3.put_object(Bucket=BUCKET, Key=file.relative_to(folder).as_posix(), Body=json.dumps(content).encode())
    s3.put_object(Bucket=BUCKET, Key=".pulumi/meta.yaml", Body=(folder / ".pulumi/meta.yaml").read_bytes())


def _with_plain_secrets(bench: Workbench, file: Path) -> dict[str, Any]:
    """Returns the state of a stack in a folder without the encryption of its secrets."""
    content: dict[str, Any] = json.loads(file.read_text())
    if "ciphertext" in file.read_text():
        environment = bench.environment() | {"PULUMI_BACKEND_URL": Layout(bench.sandbox_folder).state.as_uri()}
        command = ["pulumi", "stack", "export", "--stack", file.stem, "--show-secrets", "--non-interactive"]
        shown = subprocess.run(command, cwd=bench.project, env=environment, check=True, capture_output=True, text=True)
        content["checkpoint"]["latest"] = json.loads(shown.stdout)["deployment"]
    return content


def _key(bench: Workbench) -> str:
    """Returns the ARN of the key with the alias, which is created once."""
    kms = bench.client("kms")
    with suppress(kms.exceptions.NotFoundException):
        return str(kms.describe_key(KeyId=_ALIAS)["KeyMetadata"]["Arn"])
    created = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=_ALIAS, TargetKeyId=created["KeyId"])
    return str(created["Arn"])


def share_states(bench: Workbench, key: str, roles: Sequence[str]) -> None:
    """Lets roles of other accounts use the states and their key, and lets inputs of Jobs expire."""
    bucket, owner = f"arn:aws:s3:::{BUCKET}", key.split(":")[4]
    admitted = {"Effect": "Allow", "Principal": {"AWS": list(roles)}}
    objects = {**admitted, "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": f"{bucket}/*"}
    listing = {**admitted, "Action": "s3:ListBucket", "Resource": bucket}
    bench.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=_document(objects, listing))
    expiring = {"ID": "plinth-jobs", "Status": "Enabled", "Filter": {"Prefix": FOLDER}, "Expiration": {"Days": 7}}
    bench.client("s3").put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [expiring]})
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{owner}:root"}, "Action": "kms:*", "Resource": "*"}
    use = {**admitted, "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], "Resource": "*"}
    bench.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=_document(own, use))


def _document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
