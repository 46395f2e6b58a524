"""A generated project passes its own checks, which continuous integration runs too."""

import pytest

from tests.templates.projects import run


@pytest.mark.requirement("TPL-02", "CI-03", "CI-04", "REPO-13")
def test_a_generated_project_passes_all_checks_without_edits(project):
    done = run(project, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[:-1] == [
        f"{name}: ok" for name in ("structure", "settings", "lint", "types", "tests")
    ]
    for report in ("tests.xml", "coverage.xml"):
        assert (project / "build" / "reports" / report).exists()
