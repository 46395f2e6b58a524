"""Stored values are encrypted JSON, and pickled values are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

KEY_FILE = "workflows.key"
KEY_VARIABLE = "PLINTH_WORKFLOWS_KEY"
"""Variable with a Fernet key. Machines that share a database need the same key."""


class EncryptedJson:
    """Serialises values as JSON, encrypted and authenticated with one key (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def name(self) -> str:
        """Returns the name that each stored value carries."""
        return "plinth_encrypted_json"

    def serialize(self, data: Any) -> str:
        return self._fernet.encrypt(json.dumps(data, default=_described).encode()).decode()

    def deserialize(self, serialized_data: str) -> Any:
        """Returns a stored value. Raises: cryptography.fernet.InvalidToken if the key did not write it."""
        return json.loads(self._fernet.decrypt(serialized_data.encode()))


class RefusedPickleError(Exception):
    """A stored value says that it is pickled. Reading it could run code."""


def refuse_pickle(_: object, __: str = "") -> Any:
    """Takes the place of reading pickled values."""
    raise RefusedPickleError(
        "the workflow database contains a pickled value, which Plinth never writes: delete the database"
    )


def key_of(folder: Path) -> bytes:
    """Returns the key of the environment, or else of a folder, which is made at the first call and private to the user.

    The caller holds the lock of the folder.
    """
    if given := os.environ.get(KEY_VARIABLE):
        return given.encode()
    file = folder / KEY_FILE
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_bytes(Fernet.generate_key())
        draft.replace(file)
    return file.read_bytes()


def _described(value: Any) -> str:
    """Returns an exception as text. Results of nodes are JSON, and errors of the engine are not."""
    return f"{type(value).__name__}: {value}"
