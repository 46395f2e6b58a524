"""``python -m runtime.promotion prepare | verify | deploy | confirm | test | accept``: one action of the promotion
pipeline; ``retire | record-retirement``: the end of what an environment serves."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from runtime.promotion.confirmation import Confirmation
from runtime.promotion.environment.target import Target
from runtime.promotion.errors import PromotionError, SupersededError
from runtime.promotion.plan import Plan
from runtime.promotion.prepare import prepare, variables_of
from runtime.promotion.records import Records, failure_of
from runtime.promotion.release import Release
from runtime.promotion.retirement import Retirement
from runtime.promotion.variables import Variables
from runtime.promotion.verify import verify

COMMANDS = ("prepare", "verify", "deploy", "confirm", "test", "accept", "retire", "record-retirement")
LONGEST_STOP_REASON = 200
"""Characters of the reason of StopPipelineExecution."""


def main(words: Sequence[str] | None = None) -> None:
    """Runs one command. Exits with 1 and the reason if it fails."""
    parser = argparse.ArgumentParser(prog="promotion", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--variables", type=Path, help="file for the output variables of prepare")
    given = parser.parse_args(words)
    try:
        variables = Variables.read(os.environ)
    except PromotionError as error:
        raise SystemExit(str(error)) from None
    session = boto3.Session(region_name=variables.region)
    records = Records(
        s3=session.client("s3"), bucket=variables.bucket, folder=variables.folder, key_arn=variables.key_arn
    )
    try:
        _run(given.command, variables, session, records, given.variables)
    except (PromotionError, BotoCoreError, ClientError) as error:
        _record_failure(records, variables, given.command, error)
        raise SystemExit(str(error)) from None


def _run(command: str, variables: Variables, session: boto3.Session, records: Records, file: Path | None) -> None:
    if command == "prepare":
        try:
            plan = prepare(variables, session, records)
        except SupersededError as error:
            _stop(variables, session, str(error))
            return
        if file is not None:
            file.write_text("".join(f"{k}={shlex.quote(v)}\n" for k, v in variables_of(plan, records).items()))
        return
    if "retire" in command:
        retirement = Retirement(variables, session, records)
        {"retire": retirement.retire, "record-retirement": retirement.record}[command]()
        return
    plan = Plan.read(variables.required("PLAN"), records)
    if command == "verify":
        verify(variables, session, records, plan)
        return
    target = Target(
        variables=variables,
        session=session,
        records=records,
        plan=plan,
        environment=variables.environment,
        program=Path.cwd(),
    )
    release, confirmation = Release(target), Confirmation(target)
    actions = {
        "deploy": release.deploy,
        "confirm": confirmation.confirm,
        "test": release.test,
        "accept": confirmation.accept,
    }
    actions[command]()


def _stop(variables: Variables, session: boto3.Session, reason: str) -> None:
    """Ends the execution without a failure, because it repeats another one."""
    print(reason)
    session.client("codepipeline").stop_pipeline_execution(
        pipelineName=variables.pipeline,
        pipelineExecutionId=variables.execution,
        abandon=True,
        reason=reason[:LONGEST_STOP_REASON],
    )


def _record_failure(records: Records, variables: Variables, command: str, error: Exception) -> None:
    stage = variables.values.get("STAGE") or variables.values.get("ENVIRONMENT") or "Prepare"
    alarms = [dict(alarm) for alarm in error.alarms] if isinstance(error, PromotionError) else []
    failure = {"stage": stage, "action": command, "reason": str(error), **({"alarms": alarms} if alarms else {})}
    records.keep(failure_of(variables.execution, stage), failure)


if __name__ == "__main__":
    main()
