"""Schedules fire when the clock of the sandbox reaches their time, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

from .site import Site

SCHEDULER = "scheduler.amazonaws.com"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """Starts a server of its own for schedules, because all of them follow one clock."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture
def site(aws: EmulatedAws) -> Iterator[Site]:
    """The management account. What a test schedules ends with it."""
    site = Site(aws)
    yield site
    events, scheduler, glue = site.client("events"), site.client("scheduler"), site.client("glue")
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])
    for summary in scheduler.list_schedules()["Schedules"]:
        scheduler.delete_schedule(Name=summary["Name"])
    for name in glue.list_triggers()["TriggerNames"]:
        glue.stop_trigger(Name=name)


def scheduled(site: Site, name: str, expression: str) -> str:
    """Creates a scheduled rule with a queue as its target, and returns the URL of the queue."""
    url, arn = site.queue(name)
    site.client("events").put_rule(Name=name, ScheduleExpression=expression)
    site.client("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def schedule(site: Site, name: str, expression: str, **changes: Any) -> str:
    """Creates a schedule of EventBridge Scheduler that sends to a queue, and returns the URL of the queue."""
    url, arn = site.queue(name, sender=None)
    role = site.role(name, {"Action": "sqs:SendMessage", "Resource": arn}, service=SCHEDULER)
    target = {"Arn": arn, "RoleArn": role, **changes.pop("Target", {})}
    site.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"}, Target=target, **changes
    )
    return url


def test_a_rule_fires_once_for_each_time_and_not_again_after_a_restart(site: Site) -> None:
    url = scheduled(site, "daily", "cron(0 3 * * ? *)")
    fired = site.aws.advance(hours=48)
    assert len(fired) == 2
    events = site.bodies(url)
    assert [(event["detail-type"], event["source"]) for event in events] == [("Scheduled Event", "aws.events")] * 2
    assert [event["time"][11:] for event in events] == ["03:00:00Z"] * 2
    assert events[0]["resources"] == [f"arn:aws:events:{REGION}:{site.account}:rule/daily"]
    site.aws.restart()
    assert site.aws.advance(seconds=0) == []
    assert site.received(url) == []
    assert len(site.aws.advance(days=1)) == 1
    assert len(site.received(url)) == 1


def test_a_rate_of_a_rule_begins_one_interval_after_the_rule(site: Site) -> None:
    scheduled(site, "hourly", "rate(1 hour)")
    assert site.aws.advance(minutes=30) == []
    assert len(site.aws.advance(minutes=31)) == 1
    site.client("events").disable_rule(Name="hourly")
    assert site.aws.advance(hours=5) == []
    site.client("events").enable_rule(Name="hourly")
    assert site.aws.advance(minutes=30) == []
    assert len(site.aws.advance(hours=2)) == 2


def test_what_was_due_while_the_sandbox_was_stopped_does_not_fire(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        site = Site(aws)
        url = scheduled(site, "missed", "rate(1 hour)")
        aws.stop()
        age_journal(aws, timedelta(hours=5.5))
        aws.start()
        assert site.received(url) == []
        assert len(aws.advance(hours=1)) == 1
        aws.restart()
        assert len(site.received(url)) == 1


def age_journal(aws: EmulatedAws, by: timedelta) -> None:
    """Changes the journal as if all calls had been made earlier."""
    journal = aws.directory / "journal.jsonl"
    header, *lines = journal.read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    for entry in entries:
        entry["moment"] -= by.total_seconds()
    journal.write_text("\n".join([header, *map(json.dumps, entries)]) + "\n")


def test_a_rule_fires_by_itself_when_its_time_comes(site: Site) -> None:
    url = scheduled(site, "soon", "rate(1 minute)")
    site.aws.advance(seconds=59)
    message = eventually(lambda: site.bodies(url))[0]
    assert message["detail-type"] == "Scheduled Event"


def test_with_manual_schedules_only_a_move_of_the_clock_fires(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path, schedules="manual") as aws:
        site = Site(aws)
        url = scheduled(site, "manual", "rate(1 minute)")
        aws.stop()
        age_journal(aws, timedelta(seconds=58))
        aws.start()
        assert "Messages" not in site.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=4)
        assert len(aws.advance(seconds=60)) >= 1


def test_a_schedule_calls_its_target_as_its_role_with_its_input(site: Site) -> None:
    text = '{"for": "<aws.scheduler.scheduled-time>"}'
    url = schedule(
        site, "berlin", "cron(30 2 1 7 ? *)", ScheduleExpressionTimezone="Europe/Berlin", Target={"Input": text}
    )
    (fired,) = site.aws.advance(days=366)
    (body,) = site.bodies(url)
    assert body["for"] == fired["at"].replace("+00:00", "Z")
    assert body["for"][5:] == "07-01T00:30:00Z"


def test_a_one_time_schedule_fires_once_and_is_deleted_if_it_says_so(site: Site) -> None:
    tomorrow = site.aws.clock() + timedelta(days=1)
    url = schedule(site, "once", f"at({tomorrow:%Y-%m-%dT%H:%M:%S})", ActionAfterCompletion="DELETE")
    assert len(site.aws.advance(days=3)) == 1
    assert len(site.received(url)) == 1
    assert site.client("scheduler").list_schedules()["Schedules"] == []


def test_a_rate_of_a_schedule_begins_at_its_start_date_and_ends_at_its_end_date(site: Site) -> None:
    begins = (site.aws.clock() + timedelta(hours=10)).replace(microsecond=0)
    schedule(site, "spell", "rate(1 hour)", StartDate=begins, EndDate=begins + timedelta(minutes=150))
    fired = [datetime.fromisoformat(firing["at"]) for firing in site.aws.advance(days=2)]
    assert fired == [begins, begins + timedelta(hours=1), begins + timedelta(hours=2)]


def test_a_rate_of_a_schedule_without_a_start_date_begins_at_once(site: Site) -> None:
    url = schedule(site, "now", "rate(1 day)")
    site.aws.advance(seconds=0)
    assert len(site.received(url)) == 1


def test_a_schedule_calls_any_operation(site: Site) -> None:
    role = site.role("creates", {"Action": "sns:CreateTopic", "Resource": "*"}, service=SCHEDULER)
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sns:createTopic",
        "RoleArn": role,
        "Input": json.dumps({"Name": "scheduled"}),
    }
    site.client("scheduler").create_schedule(
        Name="any", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )
    site.aws.advance(seconds=0)
    (topic,) = site.client("sns").list_topics()["Topics"]
    assert topic["TopicArn"].endswith(":scheduled")


def test_a_schedule_without_permission_leaves_a_dead_letter(site: Site) -> None:
    dead, dead_arn = site.queue("dead", sender=None)
    closed, arn = site.queue("closed", sender=None)
    role = site.role("no-send", {"Action": "sqs:SendMessage", "Resource": dead_arn}, service=SCHEDULER)
    target = {"Arn": arn, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}}
    site.client("scheduler").create_schedule(
        Name="closed", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )
    site.aws.advance(seconds=0)
    (letter,) = site.received(dead)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert site.received(closed) == []


def test_a_trigger_starts_its_job(site: Site) -> None:
    glue = site.client("glue")
    role = site.role("job", service="glue.amazonaws.com")
    glue.create_job(Name="nightly", Role=role, Command={"Name": "glueetl", "ScriptLocation": "s3://none/job.py"})
    actions = [{"JobName": "nightly"}]
    glue.create_trigger(Name="off", Type="SCHEDULED", Schedule="cron(0 1 * * ? *)", Actions=actions)
    glue.create_trigger(
        Name="on", Type="SCHEDULED", Schedule="cron(0 2 * * ? *)", Actions=actions, StartOnCreation=True
    )
    assert [firing["schedule"].rpartition("/")[2] for firing in site.aws.advance(days=1)] == ["on"]
    assert len(glue.get_job_runs(JobName="nightly")["JobRuns"]) == 1


def test_only_the_owner_moves_the_clock(site: Site) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    from plinth_sandbox.emulator.process import CLOCK_PATH

    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(site.aws.url + CLOCK_PATH, b'{"advance_seconds": 60}'))
