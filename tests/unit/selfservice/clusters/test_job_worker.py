"""A Job as the runner follows it: its pods, their logs, and what it cannot reach."""

from __future__ import annotations

import json

import pytest

from selfservice.clusters.api import REFUSAL_SECONDS, Answer, UnreachableApiError
from selfservice.clusters.job_worker import JobWorker
from selfservice.operations.event_log import Finished, Notice, Phase, line_of
from selfservice.operations.operation import Outcome, Status

DONE = Finished(outcome=Outcome(status=Status.SUCCEEDED))


class Cluster:
    """A cluster with one Job."""

    def __init__(self):
        self.pods, self.conditions, self.logs, self.requests, self.answers = {}, [], {}, [], True
        self.refusal, self.creation, self.jobs = None, None, []

    def request(self, method, path, body=None):
        if not self.answers:
            raise UnreachableApiError("no route")
        self.requests.append((method, path, body))
        if method == "POST":
            return self.create(body["metadata"]["name"])
        if self.refusal is not None:
            return self.refusal
        if "labelSelector" in path:
            return Answer(200, {"items": list(self.pods.values())})
        return Answer(200, {"status": {"conditions": self.conditions}})

    def create(self, name):
        if self.creation is not None:
            return self.creation
        if name in self.jobs:
            return Answer(409, {"reason": "AlreadyExists", "message": f"{name} already exists"})
        self.jobs.append(name)
        return Answer(201, {})

    def text(self, path):
        return self.logs.get(path.partition("/pods/")[2].partition("/")[0])

    def pod(self, name, phase, *records, **status):
        metadata = {"name": name, "creationTimestamp": f"2026-11-25T00:00:0{len(self.pods)}Z"}
        self.pods[name] = {"metadata": metadata, "status": {"phase": phase, **status}}
        lines = [json.dumps({"n": number + 1, "record": line_of(record)}) for number, record in enumerate(records)]
        self.logs[name] = "".join(f"2026-11-25T00:00:01.{number}Z {line}\n" for number, line in enumerate(lines))

    def ends(self, condition):
        self.conditions = [{"type": condition, "status": "True"}]


@pytest.fixture
def cluster():
    return Cluster()


def started(cluster, directory):
    """Starts the Job. Its clock advances with each look at it."""
    seconds = iter(range(0, 10_000, 2))
    body = {"metadata": {"name": "fraud--1"}}
    return JobWorker.start(cluster, "plinth-stacks", body, directory, lambda: float(next(seconds)))


@pytest.fixture
def worker(cluster, tmp_path):
    return started(cluster, tmp_path / "fraud")


def killed(reason="OOMKilled", code=137):
    return {"containerStatuses": [{"state": {"terminated": {"reason": reason, "exitCode": code}}}]}


def test_records_come_from_the_log_and_the_job_ends_after_the_last_of_them(cluster, worker):
    cluster.pod("a", "Running", Phase(name="previewing"))
    assert (worker.is_alive(), worker.read()) == (True, [Phase(name="starting"), Phase(name="previewing")])
    cluster.pod("a", "Succeeded", Phase(name="previewing"), DONE)
    cluster.ends("Complete")
    assert worker.is_alive() is False
    assert worker.read() == [DONE]


def test_the_next_pod_continues_after_one_that_was_killed(cluster, worker):
    cluster.pod("a", "Failed", Phase(name="updating"), **killed())
    read = worker.read()
    assert read[-1] == Notice(message="the pod a ended without a result: OOMKilled, exit code 137")
    assert worker.is_alive()
    cluster.pod("b", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.read()[-1] == DONE


def test_a_job_without_further_pods_ends_without_a_result(cluster, worker):
    cluster.pod("a", "Failed", **killed("Error", 1))
    cluster.ends("Failed")
    assert worker.is_alive() is False
    assert not any(isinstance(record, Finished) for record in worker.read())


def test_a_job_is_alive_and_says_so_once_while_the_api_does_not_answer(cluster, worker):
    cluster.answers = False
    assert [worker.is_alive() for _ in range(3)] == [True] * 3
    (notice,) = worker.read()
    assert "the Job goes on" in notice.message
    cluster.answers = True
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.read()[-1] == DONE


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes"}]}, "0/1 nodes"),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]}, "ErrImagePull"),
    ],
)
def test_a_pod_that_cannot_start_says_why(cluster, worker, status, words):
    cluster.pod("a", "Pending", **status)
    records = [record for _ in range(3) for record in worker.read()]
    (notice,) = (record.message for record in records if isinstance(record, Notice))
    assert words in notice


def test_an_interrupt_suspends_the_job_and_a_kill_leaves_the_kubelet_time(cluster, worker):
    cluster.pod("a", "Running")
    worker.interrupt()
    worker.kill()
    changes = [request for request in cluster.requests if request[0] in ("PATCH", "DELETE")]
    assert changes[0][2] == {"spec": {"suspend": True}}
    assert changes[-1] == ("DELETE", "/api/v1/namespaces/plinth-stacks/pods/a", {"gracePeriodSeconds": 1})
    cluster.pods.clear()
    cluster.ends("Suspended")
    assert worker.is_alive() is False


def test_a_job_that_a_policy_refuses_fails_at_once_and_says_why(cluster, tmp_path):
    cluster.creation = Answer(422, {"message": "launchers start Jobs of one image"})
    worker = started(cluster, tmp_path)
    assert worker.is_alive() is False
    (ended,) = worker.read()
    assert ended.outcome.status is Status.FAILED
    assert ended.outcome.problems[0].message.endswith("did not start the Job: launchers start Jobs of one image")
    assert len(cluster.requests) == 1


def test_a_refusal_of_roles_that_an_api_does_not_know_yet_is_final_after_a_minute(cluster, tmp_path):
    cluster.creation = Answer(403, {"message": "cannot create resource jobs"})
    worker, told = started(cluster, tmp_path), []
    while worker.is_alive():
        told += worker.read()
    (notice, ended) = [*told, *worker.read()]
    assert "refuses the Job: cannot create resource jobs" in notice.message
    assert ended.outcome.status is Status.FAILED
    assert 10 < len(cluster.requests) <= REFUSAL_SECONDS / 2
    cluster.requests.clear()
    cluster.creation = Answer(401, {"message": "Unauthorized"})
    other = started(cluster, tmp_path)
    assert other.is_alive()
    cluster.creation = None
    assert other.is_alive()
    assert cluster.jobs == ["fraud--1"]


def test_a_job_starts_once_when_the_api_answers_again(cluster, tmp_path):
    cluster.answers = False
    worker = started(cluster, tmp_path)
    assert worker.is_alive()
    (notice,) = worker.read()
    assert "the Job has not started" in notice.message
    cluster.answers = True
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.read()[-1] == DONE
    assert cluster.jobs == ["fraud--1"]


def test_a_job_whose_creation_was_not_answered_is_followed_and_one_of_somebody_else_is_not(cluster, tmp_path):
    cluster.answers = False
    worker = started(cluster, tmp_path)
    cluster.answers, cluster.jobs = True, ["fraud--1"]
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.read()[-1] == DONE
    (ended,) = started(cluster, tmp_path).read()
    assert "fraud--1 already exists" in ended.outcome.problems[0].message


def test_a_job_that_was_interrupted_before_its_creation_does_not_start(cluster, tmp_path):
    cluster.answers = False
    worker = started(cluster, tmp_path)
    worker.interrupt()
    assert worker.is_alive()
    cluster.answers, cluster.refusal = True, Answer(404, {})
    assert worker.is_alive() is False
    assert cluster.jobs == []


def test_a_suspended_job_is_deleted_when_its_pod_has_ended(cluster, worker):
    cluster.pod("a", "Running")
    worker.interrupt()
    assert worker.is_alive()
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Suspended")
    assert worker.is_alive() is False
    assert worker.read()[-1] == DONE
    path = "/apis/batch/v1/namespaces/plinth-stacks/jobs/fraud--1"
    assert [request for request in cluster.requests if request[0] == "DELETE"] == [
        ("DELETE", path, {"propagationPolicy": "Background"})
    ]


def test_a_job_that_ends_by_itself_stays_for_its_time_to_live(cluster, worker):
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.is_alive() is False
    assert not [request for request in cluster.requests if request[0] == "DELETE"]


def test_a_refusal_of_an_api_that_has_just_started_does_not_end_the_operation(cluster, worker):
    """Status is a text in the answer of a refusal. Without pods, the Job would count as ended."""
    cluster.pod("a", "Running")
    cluster.refusal = Answer(403, {"kind": "Status", "status": "Failure", "message": "cannot get resource jobs"})
    worker.kill()
    assert worker.is_alive()
    assert any("cannot get resource jobs" in event.message for event in worker.read() if isinstance(event, Notice))
    cluster.refusal = None
    cluster.pod("a", "Succeeded", DONE)
    cluster.ends("Complete")
    assert worker.read()[-1] == DONE


def test_the_result_of_an_interrupted_job_comes_after_its_pod_has_ended_and_the_job_is_deleted(cluster, worker):
    cluster.pod("a", "Running", Phase(name="updating"))
    worker.interrupt()
    assert Phase(name="updating") in worker.read()
    cluster.pod("a", "Running", Phase(name="updating"), DONE)
    assert (worker.read(), worker.is_alive()) == ([], True)
    cluster.pod("a", "Succeeded", Phase(name="updating"), DONE)
    cluster.ends("Suspended")
    assert worker.read() == [DONE]
    assert cluster.requests[-1][0] == "DELETE"
