"""The change of a cluster's version in a preview."""

import pytest

from selfservice.runner.cluster_version import CLUSTER, rollbacks, version_problems
from selfservice.runner.events import Watcher
from tests.unit.selfservice.runner.test_events import BUCKET, done

URN = BUCKET.replace("aws:s3/bucket:Bucket", CLUSTER)


def previewed(old, new, *, urn=URN, step="update"):
    watcher = Watcher(lambda _: None)
    watcher(done(step, urn=urn, old={"version": old}, new={}, inputs={"version": new}, diffs=["version"]))
    return watcher


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1.34", "1.36", '1.34 -> 1.36: EKS changes one minor version at a time; set version: "1.35"'),
        ("1.33", "1.36", 'set version: "1.34"'),
        ("1.36", "1.34", 'rolls back to 1.35 only; set version: "1.36"'),
    ],
)
def test_a_change_by_more_than_one_minor_version_is_a_problem(old, new, words):
    (problem,) = version_problems(previewed(old, new))
    assert problem.urn == URN
    assert words in problem.message


@pytest.mark.parametrize(("old", "new"), [("1.35", "1.36"), ("1.35", "1.35"), (None, "1.36"), ("1.34", None)])
def test_the_next_version_the_same_one_and_an_unknown_one_are_neither_problem_nor_rollback(old, new):
    preview = previewed(old, new)
    assert (version_problems(preview), rollbacks(preview)) == ((), [])


def test_the_version_before_is_a_rollback_that_eks_may_refuse():
    preview = previewed("1.36", "1.35")
    (message,) = rollbacks(preview)
    assert "upgraded to 1.36 in the last 7 days" in message
    assert version_problems(preview) == ()


def test_other_resources_with_a_version_are_not_judged():
    assert version_problems(previewed("1.33", "1.36", urn=BUCKET)) == ()
