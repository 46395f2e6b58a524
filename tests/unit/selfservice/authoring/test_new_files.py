"""Tests that `plinth init` and `plinth team add` write valid settings or nothing."""

import fcntl
import os
import threading

import pytest
import yaml
from click.testing import CliRunner

from selfservice.authoring.new_use_case import NewUseCase, add_use_case
from selfservice.cli.command import main
from settings.files.loader import load

ORGANIZATION = {
    "name": "corner",
    "owner": "platform@corner.example",
    "cost-centre": "1000",
    "home-region": "eu-west-1",
    "monthly-budget-usd": "500",
    "management-account": "123456789012",
    "security-name": "Security operations",
    "security-title": "On call",
    "security-email": "security@corner.example",
    "security-phone": "+44 20 7946 0000",
}
TEAM = {"owner": "owner@corner.example", "cost-centre": "0042", "monthly-budget-usd": "1000"}


def plinth(directory, *words, **options):
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    return CliRunner().invoke(main, ["--cwd", str(directory), *words, *given])


def init(directory, **changes):
    return plinth(directory, "init", **{**ORGANIZATION, **changes})


def add(directory, name, **changes):
    return plinth(directory, "team", "add", name, **{**TEAM, **changes})


def files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


@pytest.fixture
def project(tmp_path):
    done = init(tmp_path)
    assert done.exit_code == 0, done.output
    return tmp_path


def test_a_new_organization_is_valid_and_its_program_and_interpreter_can_be_found(project):
    foundation = load(project)
    assert (foundation.organization.name, list(foundation.teams)) == ("corner", [])
    assert foundation.organization.email == "aws+{account}@corner.example"
    described = yaml.safe_load((project / "Pulumi.yaml").read_text())
    assert (project / described["main"] / "__main__.py").is_file()
    assert (project / described["runtime"]["options"]["virtualenv"] / "bin" / "python").exists()


def test_what_this_machine_knows_need_not_be_given(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    given = {name: value for name, value in ORGANIZATION.items() if name not in ("name", "home-region")}
    folder = tmp_path / "acme"
    done = plinth(tmp_path, "init", "acme", **given)
    assert done.exit_code == 0, done.output
    organization = load(folder).organization
    assert (organization.name, organization.home_region) == ("acme", "eu-central-1")


def test_a_name_that_is_too_long_for_the_region_is_refused_with_the_longest_that_fits(tmp_path):
    done = init(tmp_path, name="northern-mutual-bank", home_region="eu-central-1")
    assert done.exit_code == 2
    assert "plinth:organization.name: northern-mutual-bank makes the bucket name northern-mutual-bank-" in done.output
    assert "write at most 14 characters in eu-central-1, such as northern" in done.output
    assert files(tmp_path) == []


def test_without_a_terminal_every_missing_value_is_named_with_its_option_and_nothing_is_written(tmp_path):
    done = plinth(tmp_path, "init", "new", owner="platform@corner.example")
    assert done.exit_code == 2
    assert "--monthly-budget-usd: Monthly budget of all shared accounts" in done.output
    assert "--security-email: E-mail address of the contact" in done.output
    assert files(tmp_path) == []


def test_a_fault_of_a_new_organization_is_reported_and_nothing_is_written(tmp_path):
    done = init(tmp_path, home_region="eu-west-99", security_email="nobody")
    assert done.exit_code == 2
    assert "plinth:organization.home_region: eu-west-99" in done.output
    assert "contacts.security.email" in done.output
    assert files(tmp_path) == []


def test_a_fault_names_no_line_of_a_file_that_is_not_written(tmp_path):
    done = init(tmp_path, security_email="nobody")
    assert "Pulumi.yaml" not in done.output
    assert done.output.splitlines()[1].strip().startswith("plinth:organization.contacts.security.email: nobody")
    assert init(tmp_path).exit_code == 0
    refused = add(tmp_path, "fraud", owner="nobody")
    assert "Pulumi.fraud.yaml" not in refused.output
    assert "plinth:team.owner: nobody" in refused.output


def test_contacts_have_names_and_titles_in_every_script_that_aws_stores(tmp_path):
    done = init(tmp_path, security_name="Säkerhet", security_title="當值工程師")
    assert done.exit_code == 0, done.output
    contact = load(tmp_path).organization.contacts["security"]
    assert (contact.name, contact.title) == ("Säkerhet", "當值工程師")
    assert "Säkerhet" in (tmp_path / "Pulumi.yaml").read_text()


@pytest.mark.parametrize("hidden", ["Secu\u200brity", "Security\x1b[2J", "Security\nOn call"])
def test_contacts_have_no_invisible_characters(tmp_path, hidden):
    done = init(tmp_path, security_name=hidden)
    assert done.exit_code == 2
    assert hidden not in done.output
    assert files(tmp_path) == []


def test_an_existing_project_is_not_overwritten(project):
    before = (project / "Pulumi.yaml").read_bytes()
    done = init(project, name="other")
    assert done.exit_code == 2
    assert "exists already" in done.output
    assert (project / "Pulumi.yaml").read_bytes() == before


def test_teams_get_the_lowest_free_blocks_and_seven_lines_each(project):
    assert [add(project, name).exit_code for name in ("fraud", "churn")] == [0, 0]
    teams = load(project).teams
    assert {name: str(team.cidr) for name, team in teams.items()} == {"fraud": "10.1.0.0/19", "churn": "10.1.32.0/19"}
    assert teams["fraud"].cost_centre == "0042"
    assert len((project / "environments/Pulumi.fraud.yaml").read_text().splitlines()) <= 7


@pytest.mark.parametrize("digits", ["0042", "0480"])  # the first one is an octal number for some readers
def test_digits_stay_a_string(project, digits):
    assert add(project, "fraud", cost_centre=digits).exit_code == 0
    assert load(project).teams["fraud"].cost_centre == digits


def test_a_new_file_has_the_keys_with_which_the_engine_encrypts_secrets_of_the_others(project):
    (project / "environments/Pulumi.organization.yaml").write_text("encryptionsalt: v1:abc=:v1:def:ghi==\n")
    add(project, "fraud")
    assert yaml.safe_load((project / "environments/Pulumi.fraud.yaml").read_text())["encryptionsalt"].startswith("v1:")


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("fraud", {}, "team fraud exists already: its settings are in environments/Pulumi.fraud.yaml"),
        ("Fraud", {}, "Fraud"),
        ("data-lake", {}, "cannot be the name of a team, because it is that of a shared stack"),
        ("sales-production", {}, "is that of the stack production of a team sales; choose one that does not end in"),
        ("sales", {"cidr": "10.1.0.0/20"}, "overlaps 10.1.0.0/19 of team fraud"),
        ("sales", {"owner": "nobody", "monthly-budget-usd": "0"}, "2 errors"),
    ],
)
def test_a_team_that_breaks_a_rule_is_refused_and_nothing_is_written(project, name, changes, said):
    add(project, "fraud")
    before = files(project)
    done = add(project, name, **changes)
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert files(project) == before


def test_a_full_address_plan_is_refused_with_what_to_do(project):
    text = (project / "Pulumi.yaml").read_text()
    plan = "      name: corner\n      address_plan: {supernet: 10.0.0.0/15, reserved: {elsewhere: 10.1.0.0/16}}\n"
    (project / "Pulumi.yaml").write_text(text.replace("      name: corner\n", plan))
    done = add(project, "fraud")
    assert done.exit_code == 2, done.output
    assert "no free block of /19: pass --cidr" in done.output


def test_a_terminal_is_asked_until_the_answer_is_valid(project, monkeypatch):
    monkeypatch.setattr("selfservice.cli.answers.is_terminal", lambda: True)
    words = ["--cwd", str(project), "team", "add", "fraud", "--owner", "owner@corner.example"]
    done = CliRunner().invoke(main, words, input="0042\n0\n1000\n")
    assert done.exit_code == 0, done.output
    assert "0 is outside 1 to 10,000,000 US dollars a month" in done.output
    assert load(project).teams["fraud"].monthly_budget_usd == 1000


def test_a_folder_that_cannot_be_written_is_named(project, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("selfservice.authoring.new_file.tempfile.mkstemp", refuse)
    done = add(project, "fraud")
    assert done.exit_code == 2
    assert "environments cannot be written (Permission denied)" in done.output


def create(directory, name="scoring", *words, team="fraud"):
    return plinth(directory, "usecase", "create", "--team", team, "--name", name, "--settings-only", *words)


@pytest.fixture
def with_team(project):
    """A project in the phase repeatable with the team fraud, whose file has a comment."""
    described = yaml.safe_load((project / "Pulumi.yaml").read_text())
    described["config"]["plinth:organization"]["value"]["phase"] = "repeatable"
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    assert add(project, "fraud").exit_code == 0
    file = team_file(project)
    file.write_text(file.read_text() + "# the end\n")
    return project


def team_file(project):
    (file,) = project.rglob("Pulumi.fraud.yaml")
    return file


def test_a_use_case_is_added_to_the_file_of_its_team_and_no_other_line_changes(with_team):
    before = team_file(with_team).read_text().splitlines()
    done = create(with_team, "scoring", "--image", "train", "--feature-branches")
    assert done.exit_code == 0, done.output
    assert "plinth up fraud--scoring --with-needs" in done.output
    delivery = load(with_team).teams["fraud"].use_cases["scoring"].delivery
    assert (delivery.images, delivery.feature_branches) == (("train",), True)
    assert create(with_team, "disputes").exit_code == 0
    after = team_file(with_team).read_text().splitlines()
    assert [line for line in after if line in before] == before
    assert sorted(load(with_team).teams["fraud"].use_cases) == ["disputes", "scoring"]


@pytest.mark.requirement("TPL-04.a")
def test_a_use_case_is_added_with_its_way_of_inference_and_its_approvers(with_team):
    words = ("--inference", "batch", "--approver", "ben", "--approver", "chloe")
    without_image = create(with_team, "scoring", *words)
    assert (without_image.exit_code, "promotion_image" in without_image.output) == (2, True)
    project = with_team / "Pulumi.yaml"
    content = yaml.safe_load(project.read_text())
    content["config"]["plinth:organization"]["value"]["promotion_image"] = "1"
    project.write_text(yaml.safe_dump(content))
    assert create(with_team, "scoring", *words).exit_code == 0
    found = load(with_team).teams["fraud"].use_cases["scoring"]
    assert (found.inference, found.delivery.approvers) == (("batch",), ("ben", "chloe"))
    before = team_file(with_team).read_text()
    refused = create(with_team, "scoring", "--inference", "real-time")
    assert refused.exit_code == 2
    assert "has the use case scoring with inference: [batch]" in refused.output
    assert team_file(with_team).read_text() == before


@pytest.mark.parametrize(
    ("name", "team", "said"),
    [
        ("scoring", "nobody", "there is no team nobody; there are: fraud"),
        ("Scoring", "fraud", "upper-case letter S"),
        ("taken", "fraud", "has the use case taken without a delivery"),
    ],
)
def test_a_use_case_that_the_settings_refuse_changes_nothing(with_team, name, team, said):
    assert create(with_team, "taken").exit_code == 0
    file = team_file(with_team)
    file.write_text(file.read_text().replace("delivery: {}", "retention: {}"))
    before = file.read_text()
    done = create(with_team, name, team=team)
    assert done.exit_code == 2
    assert said in done.output
    assert team_file(with_team).read_text() == before


def test_a_use_case_that_has_a_delivery_keeps_its_settings(with_team):
    assert create(with_team, "scoring", "--image", "train").exit_code == 0
    before = team_file(with_team).read_text()
    done = create(with_team, "scoring")
    assert done.exit_code == 0
    assert "The settings have the use case scoring of fraud already." in done.output
    assert team_file(with_team).read_text() == before


def test_a_file_in_flow_style_is_left_to_a_person(with_team):
    file = team_file(with_team)
    content = yaml.safe_load(file.read_text())
    content["config"]["plinth:team"]["use_cases"] = {}
    file.write_text(yaml.safe_dump(content))
    done = create(with_team)
    assert done.exit_code == 2
    assert "add the use case by hand" in done.output


def test_the_goal_of_a_new_use_case_is_written_as_it_was_given(with_team):
    goal = 'Refuse "stolen" cards: quickly, für alle'
    add_use_case(with_team, NewUseCase(team="fraud", name="disputes", goal=goal, approvers=()))
    assert load(with_team).teams["fraud"].use_cases["disputes"].goal == goal


def test_processes_that_add_use_cases_take_turns(with_team):
    file = with_team / "environments" / "Pulumi.fraud.yaml"
    adding = threading.Thread(target=add_use_case, args=(with_team, NewUseCase(team="fraud", name="disputes")))
    with file.open("r+", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        adding.start()
        content = yaml.safe_load(held.read())
        content["config"]["plinth:team"]["use_cases"] = {"scoring": {"delivery": {}}}
        held.seek(0)
        held.write(yaml.safe_dump(content))
        held.truncate()
    adding.join()
    assert sorted(load(with_team).teams["fraud"].use_cases) == ["disputes", "scoring"]
