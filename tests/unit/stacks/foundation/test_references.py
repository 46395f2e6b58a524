import pulumi
import pytest

from settings.derived.stack_graph import StackIdentity
from stacks.shared.exports import export
from stacks.shared.outputs import TeamOutputs
from stacks.shared.providers import ManagementAccountUnknown
from stacks.shared.references import UpstreamMissing, read
from tests.support.every_stack import (
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
)
from tests.support.recorder import deploy

TEAM = {
    "organizational_units": {"NonProduction": "ou-root-11111111", "Production": "ou-root-22222222"},
    "accounts": {"development": "222222222222"},
}


def development_account():
    team = read(TeamOutputs, StackIdentity("team", "fraud"))
    pulumi.export("account", team.apply(lambda outputs: outputs.accounts["development"]))


def test_a_promise_is_read_as_the_type_of_its_contract():
    assert deploy(development_account, upstream={"fraud": TEAM}).exports == {"account": "222222222222"}


@pytest.mark.parametrize("upstream", [{}, {"fraud": {}}, {"fraud": {"accounts": {"development": "222222222222"}}}])
def test_in_a_preview_what_is_not_there_yet_is_an_unknown(upstream):
    exports = deploy(development_account, preview=True, upstream=upstream).exports
    assert isinstance(exports["account"], pulumi.output.Unknown)


@pytest.mark.requirement("ACC-07")
def test_in_a_preview_an_account_that_comes_with_the_next_phase_is_an_unknown():
    before = {"fraud": {**TEAM, "accounts": {"experimentation": "222222222222"}}}
    exports = deploy(development_account, preview=True, upstream=before).exports
    assert isinstance(exports["account"], pulumi.output.Unknown)


def test_an_update_before_the_team_has_the_account_of_the_next_phase_says_what_to_do():
    before = {"fraud": {**TEAM, "accounts": {"experimentation": "222222222222"}}}
    with pytest.raises(UpstreamMissing, match=r"needs development of the output accounts of fraud.* plinth up fraud"):
        deploy(development_account, upstream=before)


@pytest.mark.parametrize("upstream", [{}, {"fraud": {}}])
def test_an_update_without_its_upstream_is_one_error_that_says_what_to_do(upstream):
    with pytest.raises(UpstreamMissing, match=r"needs outputs of fraud, which is not up yet; .* plinth up fraud"):
        deploy(development_account, upstream=upstream)


def test_an_update_names_the_outputs_that_are_missing():
    with pytest.raises(UpstreamMissing, match=r"missing or not of the expected type \(organizational_units\)"):
        deploy(development_account, upstream={"fraud": {"accounts": TEAM["accounts"]}})


def test_what_another_reader_needs_may_be_written_beside_what_this_one_does():
    assert deploy(development_account, upstream={"fraud": {**TEAM, "later": 1}}).exports["account"] == "222222222222"


def test_a_stack_exports_what_it_promised_and_nothing_else():
    with pytest.raises(ValueError, match="TeamOutputs and the exported outputs differ in: accounts, surprise"):
        deploy(lambda: export(TeamOutputs, organizational_units={}, surprise=1))


def test_without_the_management_accounts_id_nothing_is_deployed_and_the_error_says_where_to_write_it():
    foundation = example_foundation(organization=example_organization(accounts={}))
    with pytest.raises(ManagementAccountUnknown, match=r"accounts\.organization\.id is missing"):
        deploy_stack("organization", foundation)


def test_a_stack_that_the_settings_do_not_have_is_refused_with_those_they_have():
    foundation = example_foundation()
    with pytest.raises(pulumi.RunError, match="no stack pricing; known stacks: organization, audit, identity, "):
        deploy_stack("pricing", foundation)


def test_a_stack_reads_only_stacks_that_come_before_it():
    # Each is deployed with the outputs of those alone; reading any other would be an error.
    assert all(recorder.records for recorder in example_deployment().values())
