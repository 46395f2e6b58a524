"""Copies a model that passed its gates to the registry's bucket, with its reports, baseline and lineage."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from shared_libraries.arguments import add_path


def lineage(words: Sequence[str]) -> dict[str, str]:
    """Parses ``name=value`` words. Raises ValueError for a word without a name."""
    found = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not (name and separator):
            raise ValueError(f"--lineage {word}: expected name=value")
        found[name] = value
    return found


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="package", description=__doc__)
    for name in ("model", "evaluation", "baseline", "output"):
        add_path(parser, name, f"folder: {name}")
    add_path(parser, "explanation", "folder: explanation, if there is one", required=False)
    parser.add_argument("--lineage", nargs="*", default=[], help="origin of the model: name=value")
    given = parser.parse_args(words)
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    for folder in filter(None, (given.model, given.evaluation, given.baseline, given.explanation)):
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            shutil.copy(file, output / file.name)
    (output / "lineage.json").write_text(json.dumps(lineage(given.lineage), indent=2))
    print(f"files: {sorted(file.name for file in output.iterdir())}")


if __name__ == "__main__":
    main()
