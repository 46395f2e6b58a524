"""Changes values in a YAML file and keeps everything else in it as it is: comments, order and quotes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

_WIDTH = 4096
"""Longer lines are not folded, so that values keep their lines."""


def edited(text: str, section: str, changes: Mapping[str, Any]) -> str:
    """Returns the text with changed values below ``config.<section>``. A value of None removes the key.

    Mappings are merged, all other values are replaced.
    """
    writer = YAML()
    writer.width = _WIDTH
    writer.preserve_quotes = True
    document = writer.load(text) or CommentedMap()
    config = _mapping(document, "config")
    _merge(_mapping(config, section), changes)
    written = io.StringIO()
    writer.dump(document, written)
    return written.getvalue()


def _mapping(parent: CommentedMap, key: str) -> CommentedMap:
    if not isinstance(parent.get(key), CommentedMap):
        parent[key] = CommentedMap()
    found: CommentedMap = parent[key]
    return found


def _merge(target: CommentedMap, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, Mapping) and value:
            _merge(_mapping(target, key), value)
        elif value != target.get(key):
            target[key] = value
