from dataclasses import replace

import pytest

from selfservice.errors import BadInputError
from selfservice.projects.project import Project, find_directory, home_region, require_engine


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").touch()
    return Project(
        directory=tmp_path,
        program_directory=tmp_path,
        graph={},
        organization="acme",
        management_account_id=None,
        home_region="eu-west-1",
        rehearsals={},
        account_of={},
        studio_users={},
        delivery_people={},
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
    one, two = (replace(project, backend_url=url).state_directory for url in ("file:///one", "file:///two"))
    assert one.parent == two.parent
    assert one != two


def test_a_project_belongs_to_the_backend_of_the_time_when_it_was_opened(project, monkeypatch):
    opened = replace(project, backend_url="file:///one").state_directory
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///two")
    assert replace(project, backend_url="file:///one").state_directory == opened


def test_a_missing_engine_is_an_error_that_names_plinth_doctor(monkeypatch, project):
    monkeypatch.setenv("PATH", str(project.directory))
    with pytest.raises(BadInputError, match="plinth doctor"):
        require_engine(project.directory)


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """Puts an engine on the PATH and removes every selection of a backend."""
    (tmp_path / "pulumi").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Pulumi.yaml").write_text("name: acme\n")
    return tmp_path


def test_a_shell_without_a_backend_is_told_how_to_connect(engine):
    with pytest.raises(BadInputError, match="plinth sandbox env"):
        require_engine(engine)


@pytest.mark.parametrize("variable", ["PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"])
def test_a_variable_selects_the_backend(engine, monkeypatch, variable):
    with pytest.raises(BadInputError):
        require_engine(engine)
    monkeypatch.setenv(variable, "file:///states")
    require_engine(engine)


@pytest.mark.parametrize("home", [None, "PULUMI_HOME", "PULUMI_CREDENTIALS_PATH"])
def test_an_earlier_login_selects_the_backend(engine, monkeypatch, home):
    folder = engine / ("elsewhere" if home else ".pulumi")
    folder.mkdir()
    if home:
        monkeypatch.setenv(home, str(folder))
    (folder / "credentials.json").write_text('{"current": ""}')
    with pytest.raises(BadInputError):
        require_engine(engine)
    (folder / "credentials.json").write_text('{"current": "s3://states"}')
    require_engine(engine)


def test_the_project_selects_the_backend(engine):
    with pytest.raises(BadInputError):
        require_engine(engine)
    (engine / "Pulumi.yaml").write_text("name: acme\nbackend: {url: s3://states}\n")
    require_engine(engine)


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ("{config: {'plinth:organization': {value: {home_region: eu-central-1}}}}", "eu-central-1"),
        ("{config: {'plinth:organization': {value: {home_region: '$(id)-1'}}}}", None),
        ("{config: {'plinth:organization': {value: {}}}}", None),
        ("config:", None),
        ("[", None),
    ],
)
def test_the_home_region_is_read_before_the_settings_are_valid(tmp_path, settings, region):
    (tmp_path / "Pulumi.yaml").write_text(settings)
    assert home_region(tmp_path) == region


def test_outside_a_project_there_is_no_home_region(tmp_path):
    assert home_region(tmp_path) is None
