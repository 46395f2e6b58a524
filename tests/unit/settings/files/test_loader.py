"""The loader reports all faults at once, or returns a foundation."""

import time
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
import yaml

from settings.files.loader import load
from settings.types.error_codes import Code
from settings.types.errors import SettingsError
from tests.unit.settings.project import REMOVED, Project

FIRST_TEAM = IPv4Address("10.1.0.0")
EIGHT_FAULTS = """\
config:
  plinth:team:
    owner: someone@example.com
    cost_centre: 4711
    cidr: 10.1.0.1/19
    monthly_budget_usd: 0
    accounts:
      prodution:
        name: Fraud
      development:
        id: 123456789012
    tags:
      aws:area: x
      area: "a|b"
"""


def test_a_team_file_with_eight_faults_has_eight_messages_in_the_order_of_its_lines(project: Project):
    faults = project.team_text(EIGHT_FAULTS).faults()
    assert [(fault.line, fault.code) for fault in faults] == [
        (3, Code.EMAIL_PLACEHOLDER),
        (4, Code.YAML_WORD),
        (5, Code.CIDR),
        (6, Code.OUT_OF_RANGE),
        (8, Code.NOT_ALLOWED),
        (11, Code.ACCOUNT_ID),
        (13, Code.TAG_RESERVED),
        (14, Code.TAG_VALUE),
    ]


def test_the_error_message_lists_every_fault_with_location_rule_and_fix(project: Project):
    with pytest.raises(SettingsError) as raised:
        project.team(cidr="10.0.0.0/30").load()
    assert str(raised.value) == (
        "1 error in the settings\n"
        "environments/Pulumi.fraud.yaml:5: plinth:team.cidr: 10.0.0.0/30 is too small for 4 environments "
        "of up to 3 zones (needs /22 or larger, a /24 for each); 10.1.0.0/19 is free [cidr-size]"
    )


def test_faults_of_every_file_are_reported_together(project: Project):
    project.organization(home_region="eu-wst-1").team(owner="x").team("sales", cidr="10.1.0.0/29")
    project.environment("fraud-development", zones=9).environment("nobody-production")
    assert {(fault.file, fault.code) for fault in project.faults()} == {
        ("Pulumi.yaml", Code.REGION_UNKNOWN),
        ("environments/Pulumi.fraud.yaml", Code.EMAIL),
        ("environments/Pulumi.sales.yaml", Code.CIDR_SIZE),
        ("environments/Pulumi.fraud-development.yaml", Code.OUT_OF_RANGE),
        ("environments/Pulumi.nobody-production.yaml", Code.TEAM_UNKNOWN),
    }


def test_rules_across_files_use_the_valid_fields_of_a_faulty_file(project: Project):
    project.team(owner="x", tags={"aws:x": "1"}).team("sales", cost_centre="", cidr="10.1.0.0/20")
    overlap = [fault for fault in project.faults() if fault.code is Code.ADDRESSES_OVERLAP]
    assert [(fault.file, fault.line) for fault in overlap] == [("environments/Pulumi.sales.yaml", 5)]


def test_a_faulty_field_causes_no_second_fault_elsewhere(project: Project):
    """An unreadable supernet must not make every team lie outside it."""
    project.organization(address_plan={"supernet": "192.168.0.1/16"}).team()
    assert [fault.code for fault in project.faults()] == [Code.CIDR]


def test_several_teams_are_proposed_different_free_blocks(project: Project):
    for name in ("fraud", "sales", "churn"):
        project.team(name, cidr="10.0.0.0/19")
    proposed = [fault.fix for fault in project.faults()]
    assert sorted(proposed) == ["10.1.0.0/19 is free", "10.1.32.0/19 is free", "10.1.64.0/19 is free"]


@pytest.mark.parametrize("cidr", ["10.1.0.0/16", "10.1.0.0/22"])
def test_the_largest_and_the_smallest_range_of_a_team_are_valid(project: Project, cidr: str):
    assert project.team(cidr=cidr).load().teams["fraud"].cidr == IPv4Network(cidr)


def test_an_unreadable_team_file_does_not_make_its_environments_strangers(project: Project):
    project.team_text("config: [", "fraud").environment("fraud-production")
    assert [fault.code for fault in project.faults()] == [Code.YAML_SYNTAX]


@pytest.mark.parametrize("name", ["Pulumi.fraud.yml", "pulumi.fraud.yaml", "Pulumi.fraud.json", "Pulumi.fraud.YAML"])
def test_a_file_that_the_engine_would_not_read_is_pointed_out(project: Project, name: str):
    (fault,) = project.write(f"environments/{name}", "config: {}\n").faults()
    assert (fault.code, fault.file) == (Code.FILE_NAME, f"environments/{name}")
    assert "rename it to Pulumi.fraud.yaml" in fault.fix


def test_other_files_in_the_stack_directory_are_left_alone(project: Project):
    project.write("environments/README.md", "x").write("environments/Pulumi.fraud.yaml.bak", "x")
    assert project.faults() == ()


def test_a_missing_directory_a_missing_project_file_and_a_missing_stack_directory_are_faults(project: Project):
    for directory in (project.directory / "nowhere", project.directory / "environments"):
        with pytest.raises(SettingsError) as raised:
            load(directory)
        assert [fault.code for fault in raised.value.faults] == [Code.FILE_MISSING]
    text = (project.directory / "Pulumi.yaml").read_text()
    (fault,) = project.write(
        "Pulumi.yaml", text.replace("stackConfigDir: environments", "stackConfigDir: elsewhere")
    ).faults()
    assert (fault.code, fault.path, fault.line) == (Code.FILE_MISSING, "stackConfigDir", 3)


def test_a_directory_or_a_dangling_link_in_place_of_a_file_is_a_fault(project: Project):
    (project.directory / "environments/Pulumi.fraud.yaml").mkdir()
    (project.directory / "environments/Pulumi.sales.yaml").symlink_to("nowhere")
    assert [fault.code for fault in project.faults()] == [Code.FILE_MISSING, Code.FILE_MISSING]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "plinth:organization"),
        ({"plinth:organization": {"name": "acme"}}, "under `value:`"),
        ({"plinth:organization": {"value": "acme"}}, "a mapping belongs here"),
    ],
)
def test_an_organization_that_is_not_under_value_is_refused(project: Project, config: object, says: str):
    content = {"name": "plinth", "runtime": "python", "stackConfigDir": "environments", "config": config}
    (fault,) = project.write("Pulumi.yaml", yaml.safe_dump(content)).faults()
    assert says in str(fault)


def test_stack_files_lie_beside_the_project_file_where_it_says_so(tmp_path: Path):
    project = Project(tmp_path).team()
    text = (tmp_path / "Pulumi.yaml").read_text().replace("stackConfigDir: environments\n", "")
    (tmp_path / "environments/Pulumi.yaml").write_text(text)
    assert list(load(tmp_path / "environments").teams) == ["fraud"]
    assert list(project.load().teams) == ["fraud"]


def test_an_environment_needs_no_file_and_has_the_secure_defaults(project: Project):
    environment = project.team().load().environment_of("fraud", "production")
    assert (environment.internet_access, environment.has_studio, environment.zones) == (False, False, 2)


def test_a_stack_file_without_settings_is_valid(project: Project):
    project.team().write("environments/Pulumi.fraud-production.yaml", "config: {}\n")
    project.write("environments/Pulumi.fraud-development.yaml", "encryptionsalt: v1:abc\n")
    assert project.faults() == ()


@pytest.mark.requirement("COST-02.a")
def test_every_stack_of_a_team_is_tagged_with_team_environment_owner_and_cost_centre(project: Project):
    foundation = project.team(tags={"area": "risk"}).environment("fraud-production", tags={"area": "core"}).load()
    of_a_team = [stack for stack in foundation.stacks if stack.team]
    assert of_a_team
    for stack in of_a_team:
        tags = foundation.tags_of(stack)
        assert tags["plinth:team"] == "fraud"
        assert tags["plinth:environment"] == (stack.environment or "shared")
        assert tags["plinth:owner"] == "owner@acme.example"
        assert tags["plinth:cost-centre"] == "4711"
        assert tags["area"] == ("core" if stack.environment == "production" else "risk")


@pytest.mark.parametrize("field", ["owner", "cost_centre"])
@pytest.mark.requirement("COST-02.a")
def test_a_team_without_owner_or_cost_centre_is_refused(project: Project, field: str):
    assert [fault.code for fault in project.team(**{field: REMOVED}).faults()] == [Code.FIELD_MISSING]


def test_a_thousand_teams_are_loaded_in_seconds(project: Project):
    free = (block for block in IPv4Network("10.0.0.0/8").subnets(new_prefix=19) if block.network_address >= FIRST_TEAM)
    for number, block in zip(range(1000), free, strict=False):
        project.team(f"team-{number}", cidr=str(block))
    started = time.process_time()
    assert len([stack for stack in project.load().stacks if stack.team]) == 8000
    assert time.process_time() - started < 15
