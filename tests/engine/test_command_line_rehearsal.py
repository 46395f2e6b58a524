"""Production is held to pre-production by the command line, on the real engine with a program of components alone."""

from __future__ import annotations

import pytest

from tests.support.small_project import SmallProject

PRE, PRODUCTION = "fraud-preproduction", "fraud-production"
NEWER = """\
import json, os
file = os.environ.get("PLINTH_REHEARSAL")
rehearsed = [] if file is None else [resource["urn"].rpartition("::")[2] for resource in json.load(open(file))]
if file is not None and args.name not in (*rehearsed, "small-fraud-production"):
    report(f"{args.name} was never tried")
"""


@pytest.mark.requirement("ACC-06.b", "PRE-01.a")
def test_what_is_new_in_production_was_in_pre_production_before_or_comes_up_there_in_the_same_run(tmp_path):
    project = SmallProject.create(tmp_path, phase="reliable")
    project.add_policy_pack(NEWER)
    project.write_states("organization", "identity", "audit", "network", "fraud")
    assert "thing was never tried" in refused(project, "preview", PRODUCTION)

    code, said = project.plinth("up", PRODUCTION, PRE)
    assert code == 0, said
    ended = [line.split()[1].rstrip(":") for line in said.splitlines() if ": succeeded: " in line]
    assert ended == [PRE, PRODUCTION]

    project.file(f"{PRODUCTION}.thing.more").touch()
    assert "more was never tried" in refused(project, "up", PRODUCTION, PRE)
    project.file(f"{PRE}.thing.more").touch()
    assert "more was never tried" in refused(project, "up", PRODUCTION)
    code, said = project.plinth("preview", PRE, PRODUCTION)
    assert code == 0, said

    # A destruction compares nothing, in whatever order the two go.
    code, said = project.plinth("destroy", PRE, PRODUCTION, "--yes")
    assert code == 0, said
    assert project.resources(PRE) == project.resources(PRODUCTION) == []


def refused(project: SmallProject, *arguments: str) -> str:
    code, said = project.plinth(*arguments)
    assert code == 3, said
    return said
