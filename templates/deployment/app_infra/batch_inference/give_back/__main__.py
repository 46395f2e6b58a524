"""Puts the results of a run into the landing zone of the data lake, as one object through the team's drop point, and
records what it returned."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import boto3

from shared_libraries.arguments import add_path
from shared_libraries.tables import FILE


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="give_back", description=__doc__)
    add_path(parser, "results", "folder: results")
    add_path(parser, "receipt", "folder: what was returned")
    parser.add_argument("--target", required=True, help="s3://<alias of the drop point>/<key>")
    given = parser.parse_args(words)
    drop_point, _, key = given.target.removeprefix("s3://").partition("/")
    # The same run writes the same object, so a repeated run returns nothing twice.
    content: bytes = (given.results / FILE).read_bytes()
    boto3.client("s3").put_object(Bucket=drop_point, Key=key, Body=content)
    folder: Path = given.receipt
    folder.mkdir(parents=True, exist_ok=True)
    receipt = {"drop_point": drop_point, "key": key, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "returned.json").write_text(json.dumps(receipt, indent=2))
    print(f"returned: {key}")


if __name__ == "__main__":
    main()
