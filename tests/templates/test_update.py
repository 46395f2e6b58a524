"""A project follows its template in place."""

import shutil

import pytest
from copier import run_update

from tests.templates.projects import TEMPLATES, answers_of, commit, generate, git


@pytest.mark.requirement("TPL-05.a", "TPL-05.b")
def test_an_update_brings_the_changes_of_the_template_and_keeps_local_ones(tmp_path):
    template = shutil.copytree(
        TEMPLATES, tmp_path / "template", ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
    )
    commit(template)
    git(template, "tag", "1.0.0")
    project = generate(tmp_path / "project", f"git+file://{template}", version="1.0.0")
    readme = project / "algorithms" / "training" / "train" / "README.md"
    readme.write_text(readme.read_text() + "\nWe train on Mondays.\n")
    own = project / "ml_pipelines" / "training" / "input.json"
    own.write_text(own.read_text().replace('"seed": 42', '"seed": 7'))
    commit(project)
    changed = template / "build" / "algorithms" / "training" / "train" / "README.md"
    changed.write_text(changed.read_text().replace("# Train\n", "# Train a model\n"))
    (template / "build" / "ml_pipelines" / "NEWS.md").write_text("New in 1.1\n")
    commit(template)
    git(template, "tag", "1.1.0")
    run_update(project, defaults=True, overwrite=True, quiet=True)
    assert answers_of(project)["_commit"] == "1.1.0"
    assert readme.read_text().startswith("# Train a model\n")
    assert readme.read_text().endswith("We train on Mondays.\n")
    assert '"seed": 7' in own.read_text()
    assert (project / "ml_pipelines" / "NEWS.md").exists()
    assert "UU" not in git(project, "status", "--porcelain")
