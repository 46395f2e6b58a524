"""EventBridge, EventBridge Scheduler, Glue and SageMaker: schedule expressions."""

from __future__ import annotations

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.events.checks.schedule_grammar import is_cron, is_glue_cron, is_one_time, is_rate


def _rule(call: Call) -> None:
    expression = call.parameters.get("ScheduleExpression")
    if expression and not (is_cron(expression) or is_rate(expression)):
        raise AwsError("ValidationException", "Parameter ScheduleExpression is not valid.")


def _schedule(call: Call) -> None:
    expression = call.parameters["ScheduleExpression"]
    if not (is_cron(expression) or is_rate(expression) or is_one_time(expression)):
        raise AwsError("ValidationException", f"Invalid Schedule Expression {expression}.")
    window = call.parameters["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        message = "FlexibleTimeWindow: MaximumWindowInMinutes must be specified if, and only if, Mode is FLEXIBLE."
        raise AwsError("ValidationException", message)


def _of_glue(expression: str | None) -> None:
    # Glue knows no rates. An empty expression removes the schedule of a crawler.
    if expression and not is_glue_cron(expression):
        raise AwsError("InvalidInputException", f"Invalid schedule expression: {expression}")


def _glue(call: Call) -> None:
    _of_glue(call.parameters.get("Schedule"))


def _glue_update(call: Call) -> None:
    _of_glue(call.parameters["TriggerUpdate"].get("Schedule"))


def _monitoring(call: Call) -> None:
    # SageMaker API, ScheduleConfig: a cron expression, or NOW for one run.
    schedule = call.parameters["MonitoringScheduleConfig"].get("ScheduleConfig", {}).get("ScheduleExpression", "NOW")
    if schedule != "NOW" and not is_cron(schedule):
        raise AwsError("ValidationException", f"Invalid schedule expression: {schedule}")


CHECKS: Checks = {
    ("events", "PutRule"): _rule,
    ("glue", "CreateCrawler"): _glue,
    ("glue", "CreateTrigger"): _glue,
    ("glue", "UpdateCrawler"): _glue,
    ("glue", "UpdateCrawlerSchedule"): _glue,
    ("glue", "UpdateTrigger"): _glue_update,
    ("sagemaker", "CreateMonitoringSchedule"): _monitoring,
    ("sagemaker", "UpdateMonitoringSchedule"): _monitoring,
    ("scheduler", "CreateSchedule"): _schedule,
    ("scheduler", "UpdateSchedule"): _schedule,
}
