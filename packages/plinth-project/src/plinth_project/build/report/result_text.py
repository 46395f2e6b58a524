"""The text of a comment, from the files that the other commands of the build wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 10_240
"""Longest comment (CodeCommit API, PostCommentForComparedCommit, read 2026-11-22)."""
MOST_OF_A_FAULT = 3_000
FAILURE, RESULT = "failure", "result"
"""Files of the folder ``build``: the faults of a command that failed, and the result of a pipeline run."""
_LEFT_OUT = "\n[…]\n"


def result_text(root: Path, build: str, commit: str, *, succeeding: bool) -> str:
    """Returns what the build of a commit found: the registered version, or the reasons why there is none."""
    result, failure = written(root, RESULT, commit), written(root, FAILURE, commit)
    lines = [f"**Build {'succeeded' if succeeding else 'failed'}**{f': {build}' if build else ''}", ""]
    if result:
        lines += [f"Pipeline run of build {result['build_id']} ({result['trigger']}): {result['status']}."]
    if result and result["model_package"]:
        group, version = str(result["model_package"]).split("/")[-2:]
        lines += [f"Registered version {version} of {group}, which waits for approval."]
    elif result:
        lines += ["No model is registered.", *(() if failure else result["reasons"])]
    if failure:
        lines += [f"`./project {failure['command']}` failed:", "", "```text"]
        lines += [shortened(fault, MOST_OF_A_FAULT) for fault in failure["faults"]]
        lines += ["```"]
    elif not succeeding:
        lines += ["A command ended without a result; the log of the build has the reason."]
    elif not result:
        lines += ["All checks passed. This branch is not deployed."]
    return shortened("\n".join(lines), MOST_CHARACTERS)


def is_worth_telling(root: Path, commit: str) -> bool:
    """Returns whether a pipeline ran, or a command failed."""
    return bool(written(root, RESULT, commit) or written(root, FAILURE, commit))


def shortened(text: str, most: int) -> str:
    """Returns the beginning and the end of a long text. Tools name places at the beginning, and sums at the end."""
    if len(text) <= most:
        return text
    half = (most - len(_LEFT_OUT)) // 2
    return f"{text[:half]}{_LEFT_OUT}{text[-half:]}"


def written(root: Path, name: str, commit: str) -> dict[str, Any]:
    """Returns a file that a command wrote to the folder ``build``; empty if there is none of this commit."""
    file = root / "build" / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found if found.get("commit") == commit else {}
