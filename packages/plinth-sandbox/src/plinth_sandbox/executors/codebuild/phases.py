"""The phases of a buildspec, in the order and with the consequences of a failure that CodeBuild documents.

A failed ``install`` or ``pre_build`` ends the build. After a failed ``build``, ``post_build`` still runs.
``on-failure`` changes both.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html (read 2026-11-22)
"""

from __future__ import annotations

from collections.abc import Sequence

from plinth_sandbox.executors.codebuild.buildspec import PHASES, Buildspec, Phase
from plinth_sandbox.executors.codebuild.log import BuildLog
from plinth_sandbox.executors.codebuild.progress import Progress
from plinth_sandbox.executors.codebuild.shell import Shell


def run_phases(spec: Buildspec, shell: Shell, log: BuildLog, progress: Progress) -> tuple[bool, bool]:
    """Runs the phases. Returns whether all succeeded, and whether artifacts are uploaded."""
    given = {phase.name: phase for phase in spec.phases}
    succeeding = True
    shell.run("export CODEBUILD_BUILD_SUCCEEDING=1")
    for name in PHASES:
        phase = given.get(name, Phase(name))
        if _run(phase, shell, log, progress):
            continue
        succeeding = False
        shell.run("export CODEBUILD_BUILD_SUCCEEDING=0")
        goes_on = phase.on_failure == "CONTINUE" or (name in ("build", "post_build") and phase.on_failure != "ABORT")
        if not goes_on:
            return False, False
    return succeeding, True


def _run(phase: Phase, shell: Shell, log: BuildLog, progress: Progress) -> bool:
    name = phase.name.upper()
    progress.begin(name)
    log.say(f"Entering phase {name}")
    # The commands under `finally` always run, and fail the phase too.
    failures = [_commands(commands, shell, log) for commands in (phase.commands, phase.finally_commands)]
    failure = next(filter(None, failures), "")
    status = "FAILED" if failure else "SUCCEEDED"
    code = "COMMAND_EXECUTION_ERROR" if failure else ""
    log.say(f"Phase complete: {name} State: {status}")
    log.say(f"Phase context status code: {code} Message: {failure}")
    log.send()
    progress.end(status, code, failure)
    return not failure


def _commands(commands: Sequence[str], shell: Shell, log: BuildLog) -> str:
    """Runs commands up to the first that fails, and returns why it failed."""
    for command in commands:
        log.say(f"Running command {command}")
        if status := shell.run(command):
            return f"Error while executing command: {command}. Reason: exit status {status}"
    return ""
