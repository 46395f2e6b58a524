import pytest

from selfservice.errors import BadInputError
from selfservice.runner.project import Project, find_directory, require_engine


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").touch()
    return Project(
        directory=tmp_path,
        program_directory=tmp_path,
        graph={},
        organization="acme",
        rehearsals={},
        account_of={},
        relaxed_rules=(),
    )


def test_the_project_is_the_nearest_one_in_the_parent_directories(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").touch()
    assert find_directory(inner) == tmp_path.resolve()
    (tmp_path / "a" / "Pulumi.yaml").touch()
    assert find_directory(inner) == (tmp_path / "a").resolve()


def test_a_directory_without_a_project_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(BadInputError, match="--cwd"):
        find_directory(tmp_path)


def test_every_folder_of_the_program_with_a_policy_file_is_a_policy_pack(project):
    for folder, described in (("security", True), ("cost", True), ("notes", False)):
        (project.directory / "policies" / folder).mkdir(parents=True)
        if described:
            (project.directory / "policies" / folder / "PulumiPolicy.yaml").touch()
    assert [pack.name for pack in project.policy_packs] == ["cost", "security"]


def test_operations_on_two_backends_do_not_share_locks(project, monkeypatch):
    monkeypatch.setenv("PLINTH_STATE_DIR", "/somewhere")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///one")
    one = project.state_directory
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///two")
    assert one.parent == project.state_directory.parent
    assert one != project.state_directory


def test_a_missing_engine_is_an_error_that_names_plinth_doctor(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInputError, match="plinth doctor"):
        require_engine()
