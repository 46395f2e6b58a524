"""``Job`` and its bookmark, which prevents a job from reading an object twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


class Bookmark:
    """Objects that earlier runs have read, by the ``transformation_ctx`` of the read."""

    def __init__(self) -> None:
        self.keeps = False
        self.read: dict[str, list[str]] = {}
        self.left = Path("left.json")
        self._new: dict[str, list[str]] = {}

    def unread(self, reader: str, objects: Mapping[str, str]) -> list[str]:
        """Returns the locations of the objects that no earlier run has read, given locations and versions."""
        if not self.keeps or not reader:
            return list(objects)
        known = set(self.read.get(reader, ()))
        new = {location: f"{location}@{version}" for location, version in objects.items()}
        found = [location for location, mark in new.items() if mark not in known]
        self._new.setdefault(reader, []).extend(new[location] for location in found)
        return found

    def commit(self, job: str) -> None:
        readers = {**self.read, **{reader: [*self.read.get(reader, ()), *new] for reader, new in self._new.items()}}
        self.left.write_text(json.dumps({"job": job, "bookmark": readers} if self.keeps else {}))


bookmark = Bookmark()


class Job:
    def __init__(self, glue_context: object) -> None:
        self._context, self._name = glue_context, ""

    def init(self, job_name: str, args: Mapping[str, str]) -> None:  # noqa: ARG002 (Glue's signature)
        self._name = job_name

    def commit(self) -> None:
        bookmark.commit(self._name)
