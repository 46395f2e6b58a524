"""The bill: sums that were worked out by hand, and what holds for any number of teams."""

import json
from decimal import Decimal

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from selfservice.cli.command import main
from selfservice.errors import BadInputError
from selfservice.reports.cost import quantities
from selfservice.reports.cost.bill import MODES, bill
from selfservice.reports.cost.prices import TABLE, PriceTable
from selfservice.reports.cost.report import as_json, as_text
from settings.derived.endpoint_services import EndpointService
from settings.derived.foundation import Foundation
from settings.files.loader import load
from settings.team.team import EnvironmentSettings
from settings.types.regions import REGIONS
from tests.support.workbench import REPOSITORY
from tests.unit.settings.project import organization, team

VIRGINIA = PriceTable.of("us-east-1")
EXAMPLES = ["", "environments/small", "environments/medium"]
ACME = load(REPOSITORY)
NETWORK = ("interface-endpoint", "transit-gateway-attachment")


def foundation(**changes):
    return Foundation.of(organization(**changes), [team()])


def counted_teams(number):
    """The bill's name for teams that are counted and not there."""
    return "1 team" if number == 1 else f"{number} teams"


def cost(*arguments, project=""):
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY / project), "cost", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def sets_of(monkeypatch):
    """Networks that all need that many interface endpoints, as in the published comparison."""

    def use(number):
        services = tuple(
            EndpointService(name=f"s{n}", service_name=f"com.amazonaws.{{region}}.s{n}", prefixes=("s",))
            for n in range(number)
        )
        monkeypatch.setattr(quantities, "endpoint_services", lambda kind, **_: services)
        monkeypatch.setattr(quantities, "endpoint_services_of", lambda environment, **_: services)
        monkeypatch.setattr(quantities, "shared_endpoint_services", lambda: services)
        monkeypatch.setattr(quantities, "own_endpoint_services", lambda of_a_network: ())

    return use


@pytest.mark.parametrize(
    ("endpoints", "teams", "dedicated", "shared"),
    [
        (12, 1, 701, 358),
        (12, 5, 3504, 942),
        (12, 10, 7008, 1672),
        (20, 1, 1168, 474),
        (20, 5, 5840, 1058),
        (20, 10, 11680, 1789),
    ],
)
def test_teams_networks_cost_what_was_worked_out_by_hand(sets_of, endpoints, teams, dedicated, shared):
    # Four networks a team in two zones; shared: one set in two zones, an attachment for it and for each network.
    sets_of(endpoints)
    counted = bill(foundation(), VIRGINIA, teams=teams)
    of_networks = [line for line in counted.lines if line.component in NETWORK]
    sums = {
        mode: sum(counted.usd(line, mode) for line in of_networks if line.account in (counted_teams(teams), "network"))
        for mode in MODES
    }
    assert float(sums["dedicated"]) == pytest.approx(dedicated, abs=0.5)
    assert float(sums["shared"]) == pytest.approx(shared, abs=0.5)


def test_internet_egress_costs_the_same_in_both_modes():
    open_ = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
    without, with_ = (bill(Foundation.of(organization(), [team()], own), VIRGINIA) for own in ([], [open_]))
    for mode in MODES:
        # 730 hours of a firewall endpoint, of a gateway and of its address.
        assert with_.total(mode) - without.total(mode) == Decimal("288.35") + Decimal("32.85") + Decimal("3.65")


@given(st.integers(0, 40), st.integers(0, 40))
def test_every_team_more_costs_more_and_what_is_shared_costs_the_same(fewer, more):
    fewer, more = sorted((fewer, more))
    few, many = (bill(ACME, VIRGINIA, teams=teams) for teams in (fewer, more))
    for mode in MODES:
        assert (few.total(mode) < many.total(mode)) == (fewer < more)
        own = {counted_teams(fewer), counted_teams(more)}
        parts = [[(line.account, line.counts) for line in b.lines if line.account not in own] for b in (few, many)]
        assert parts[0] == parts[1]


@given(st.integers(1, 20))
def test_ten_times_the_teams_is_ten_times_their_part_whatever_their_mix(rounds):
    none, as_they_are, more = (
        bill(ACME, VIRGINIA, teams=teams).total("dedicated") for teams in (0, len(ACME.teams), rounds * len(ACME.teams))
    )
    assert more - none == rounds * (as_they_are - none)


@pytest.mark.parametrize("project", EXAMPLES)
def test_as_many_teams_as_there_are_cost_what_there_is(project):
    whole = load(REPOSITORY / project)
    for mode in MODES:
        assert bill(whole, VIRGINIA).total(mode) == bill(whole, VIRGINIA, teams=len(whole.teams)).total(mode)


def test_sharing_pays_from_the_first_team_at_known_prices():
    counted = bill(load(REPOSITORY), VIRGINIA, teams=1)
    assert counted.total("shared") < counted.total("dedicated")


def test_components_without_a_price_are_named_and_not_summed():
    ireland = bill(foundation(), PriceTable.of("eu-west-1"))
    missing = ireland.without_price("shared")
    assert missing["transit-gateway-attachment"] >= 4
    assert "transit-gateway-attachment" not in ireland.without_price("dedicated")
    priced = [line for line in ireland.lines if line.component not in missing]
    assert ireland.total("shared") == sum(ireland.usd(line, "shared") for line in priced)


def test_without_a_network_account_there_is_one_way_to_have_endpoints():
    initial = bill(foundation(phase="initial"), VIRGINIA)
    assert initial.modes == ("dedicated",)
    assert "comes with the network account" in as_text(initial)


def test_an_unknown_region_is_refused_with_those_that_are_known():
    with pytest.raises(BadInputError, match="no prices of eu-north-1 are known, only those of us-east-1, eu-west-1"):
        PriceTable.of("eu-north-1")
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "cost", "--prices-of", "eu-north-1"])
    assert result.exit_code == 2


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_region_of_the_settings_has_prices_that_say_where_they_are_from(region):
    table = PriceTable.for_region(region)
    text = as_text(bill(foundation(), table))
    if region in ("us-east-1", "eu-west-1"):
        assert (table.region, table.stands_for) == (region, None)
        assert f"at the prices of {region} as read" in text
    else:
        expected = "eu-west-1" if region.startswith("eu-") else "us-east-1"
        assert (table.region, table.stands_for) == (expected, region)
        assert f"at the prices of {expected} in place of {region}, of which none are known, as read" in text
    assert json.loads(as_json(bill(foundation(), table)))["prices"]["stands_for"] == table.stands_for


def test_teams_cannot_be_counted_by_none():
    with pytest.raises(BadInputError, match="no team yet"):
        bill(Foundation.of(organization(), []), VIRGINIA, teams=10)


def test_every_price_says_where_it_was_read_and_every_component_has_one_in_every_region():
    table = yaml.safe_load(TABLE.read_text())
    for region, prices in table["regions"].items():
        assert prices.keys() == table["components"].keys(), region
        assert all(price["source"] for price in prices.values())
        assert {type(price["usd"]) for price in prices.values()} <= {str, type(None)}


@pytest.mark.parametrize("project", EXAMPLES)
def test_the_document_has_the_sums_of_the_words(project):
    document = json.loads(cost("--json", "--prices-of", "us-east-1", project=project))
    said = cost("--prices-of", "us-east-1", project=project)
    for mode in MODES:
        by_line = [line[mode]["usd"] for line in document["lines"] if line[mode]["usd"] is not None]
        assert document["total"][mode] == pytest.approx(sum(by_line), abs=0.01 * len(by_line))
        (total,) = [row for row in said.splitlines() if row.startswith("total")]
        assert f"{document['total'][mode]:,.2f}" in total
