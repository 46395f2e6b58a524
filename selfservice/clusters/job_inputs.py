"""The store of what Jobs get: settings and operations, as objects of the bucket of states."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = ".plinth/jobs"
"""Folder of the bucket. The role of pods reads it, and writes below ``.pulumi`` only."""
_MODE = 0o600


class ChangedInputError(Exception):
    """The object has another content than its name says."""


@dataclass(slots=True)
class JobInputs:
    """Objects of one run that are named by the digest of their content, so that the run stores equal content once.

    No other run uses them, so the command deletes them when its Jobs have ended. A lifecycle rule of the bucket deletes
    those of commands that were killed.
    """

    s3: Any
    """Client of S3."""
    bucket: str
    run: str = ""
    """Id of the run that stores objects."""
    _stored: set[str] = field(default_factory=set)

    def put(self, content: bytes) -> str:
        """Stores content and returns its name: run and digest (SHA-256 in hexadecimal digits)."""
        name = f"{self.run}/{hashlib.sha256(content).hexdigest()}"
        if name not in self._stored:
            self.s3.put_object(Bucket=self.bucket, Key=f"{FOLDER}/{name}", Body=content)
            self._stored.add(name)
        return name

    def get(self, name: str) -> bytes:
        """Returns the content with this name. Raises: ChangedInputError, ClientError."""
        content: bytes = self.s3.get_object(Bucket=self.bucket, Key=f"{FOLDER}/{name}")["Body"].read()
        if hashlib.sha256(content).hexdigest() != name.rpartition("/")[2]:
            raise ChangedInputError(f"s3://{self.bucket}/{FOLDER}/{name} has another content than its name says")
        return content

    def remove(self) -> None:
        """Deletes what the run has stored. Raises: ClientError."""
        for name in sorted(self._stored):
            self.s3.delete_object(Bucket=self.bucket, Key=f"{FOLDER}/{name}")
            self._stored.remove(name)


def packed(directory: Path, files: Iterable[Path]) -> bytes:
    """Returns an archive of files below a directory. Equal files give equal bytes."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for file in sorted(files):
            content = file.read_bytes()
            entry = tarfile.TarInfo(file.relative_to(directory).as_posix())
            entry.size, entry.mode = len(content), _MODE
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(archive.getvalue(), mtime=0)


def unpack(archive: bytes, directory: Path) -> None:
    """Writes the files of an archive below a directory, and nowhere else."""
    directory.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
        tar.extractall(directory)
