"""``python -m runtime.promotion prepare | verify | deploy | test``: one action of the promotion pipeline."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3

from runtime.promotion.errors import PromotionError, SupersededError
from runtime.promotion.plan import Plan
from runtime.promotion.prepare import prepare, variables_of
from runtime.promotion.records import Records, failure_of, plan_of
from runtime.promotion.release import Release
from runtime.promotion.variables import Variables
from runtime.promotion.verify import verify

COMMANDS = ("prepare", "verify", "deploy", "test")
LONGEST_STOP_REASON = 200
"""Characters of the reason of StopPipelineExecution."""


def main(words: Sequence[str] | None = None) -> None:
    """Runs one command. Exits with 1 and the reason if it fails."""
    parser = argparse.ArgumentParser(prog="promotion", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--variables", type=Path, help="file for the output variables of prepare")
    given = parser.parse_args(words)
    variables = None
    try:
        variables = Variables.read(os.environ)
        _run(given.command, variables, given.variables)
    except PromotionError as error:
        if variables is not None:
            _record_failure(given.command, variables, str(error))
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


def _run(command: str, variables: Variables, file: Path | None) -> None:
    session = boto3.Session(region_name=variables.region)
    records = _records(variables, session)
    if command == "prepare":
        try:
            plan = prepare(variables, session, records)
        except SupersededError as error:
            _stop(variables, session, str(error))
            return
        if file is not None:
            file.write_text("".join(f"{k}={shlex.quote(v)}\n" for k, v in variables_of(plan, records).items()))
        return
    plan = _plan(variables, records)
    if command == "verify":
        verify(variables, session, records, plan)
        return
    release = Release(
        variables=variables,
        session=session,
        records=records,
        plan=plan,
        environment=variables.required("ENVIRONMENT"),
        program=Path.cwd(),
    )
    (release.deploy if command == "deploy" else release.test)()


def _plan(variables: Variables, records: Records) -> Plan:
    """Returns the plan that the action names. In a rollback, it is the plan of an earlier execution."""
    name = variables.required("PLAN")
    found = records.read(plan_of(name))
    if found is None:
        raise PromotionError(f"execution {name} has no plan")
    return Plan.of_record(found)


def _stop(variables: Variables, session: boto3.Session, reason: str) -> None:
    """Ends the execution without a failure, because it repeats another one."""
    print(reason)
    session.client("codepipeline").stop_pipeline_execution(
        pipelineName=variables.pipeline,
        pipelineExecutionId=variables.execution,
        abandon=True,
        reason=reason[:LONGEST_STOP_REASON],
    )


def _record_failure(command: str, variables: Variables, reason: str) -> None:
    records = _records(variables, boto3.Session(region_name=variables.region))
    stage = variables.values.get("STAGE") or variables.values.get("ENVIRONMENT") or "Prepare"
    records.write(failure_of(variables.execution, stage), {"stage": stage, "action": command, "reason": reason})


def _records(variables: Variables, session: boto3.Session) -> Records:
    return Records(s3=session.client("s3"), bucket=variables.bucket, folder=variables.folder, key_arn=variables.key_arn)


if __name__ == "__main__":
    main()
