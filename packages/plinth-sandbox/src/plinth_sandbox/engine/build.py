"""Builds the engine from source on machines that cannot download the vendor's release but can download Go modules."""

from __future__ import annotations

import shutil
from pathlib import Path

from plinth_sandbox.engine import go_program, recipe
from plinth_sandbox.progress import Step

SDK_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-analyzer-policy-python",
    "python/dist/pulumi-resource-pulumi-python",
)


async def build(step: Step, workshop: Path, lock: int) -> None:
    """Builds the programs into ``workshop / "bin"``. Go's cache keeps the results of an interrupted build.

    Raises: SetUpError if Go is missing or too old, the disk is full, or a module cannot be downloaded.
    """
    program = recipe.program()
    go = await go_program.build(program, step, workshop, lock)
    sources = Path(await go_program.ask(program, go, "list", "-m", "-f", "{{.Dir}}", recipe.SDK))
    for script in SDK_SCRIPTS:
        target = workshop / "bin" / Path(script).name
        shutil.copyfile(sources / script, target)
        target.chmod(0o755)
