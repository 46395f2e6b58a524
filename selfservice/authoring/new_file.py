"""Creates files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from selfservice.errors import BadInputError


@contextmanager
def named_by_setting(name: str) -> Iterator[None]:
    """Names faults of a file that is not written yet by their setting only. Nobody can look up its lines.

    ``name`` is the name of the file without its folder. Raises: SettingsError with faults raised inside.
    """
    from settings.types.errors import SettingsError

    try:
        yield
    except SettingsError as error:
        faults = (
            replace(fault, file="", line=None) if Path(fault.file).name == name else fault for fault in error.faults
        )
        raise SettingsError(faults) from None


def create(file: Path, text: str) -> None:
    """Writes a new file under a temporary name and then links it to its own, which fails if that is taken.

    Raises: BadInputError if the file exists or its folder cannot be written.
    """
    try:
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")
    except OSError as error:
        raise BadInputError(f"{file.parent} cannot be written ({error.strerror}): check its owner and mode") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(draft).chmod(0o644)
        os.link(draft, file)
    except FileExistsError:
        raise BadInputError(f"{file} exists already; nothing was written") from None
    finally:
        Path(draft).unlink()


def replace_file(file: Path, text: str) -> None:
    """Writes a file whole or not at all, whether it exists or not."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(draft).chmod(0o644)
    Path(draft).replace(file)


def yaml_text(document: Mapping[str, Any]) -> str:
    """Returns a document as YAML with quoted strings of digits. An account id such as 037414938725 is a string for
    PyYAML also without quotes, and a number for other readers."""
    import yaml

    class Quoting(yaml.SafeDumper):
        """Dumper with a representer of its own."""

    def quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if text.isdigit() else None)

    Quoting.add_representer(str, quoted)
    return str(yaml.dump(document, Dumper=Quoting, sort_keys=False, width=200, allow_unicode=True))
