import pulumi
import pytest

from settings.derived.stack_graph import StackIdentity
from stacks.shared.exports import export
from stacks.shared.outputs import DurableAccountOutputs, NetworkOutputs, TeamOutputs
from stacks.shared.providers.accounts import ManagementAccountUnknown
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
NETWORK = {"account_id": "111111111111", "region": "eu-west-1", "dns_rule_group_id": "rslvr-frg-1"}
TOOLING = {
    "account_id": "111111111111",
    "region": "eu-west-1",
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "key_arn": "arn:aws:kms:eu-west-1:111111111111:key/k",
    "permissions_boundary_arn": "arn:aws:iam::111111111111:policy/p",
}


def development_account():
    team = read(TeamOutputs, StackIdentity("team", "fraud"))
    pulumi.export("account", team.accounts["development"])


def test_an_entry_of_an_output_is_read_from_the_upstream_stack():
    assert deploy(development_account, upstream={"fraud": TEAM}).exports == {"account": "222222222222"}


@pytest.mark.parametrize("upstream", [{}, {"fraud": {}}, {"fraud": {"accounts": {"development": "222222222222"}}}])
def test_a_missing_output_is_unknown_in_a_preview(upstream):
    exports = deploy(development_account, preview=True, upstream=upstream).exports
    assert isinstance(exports["account"], pulumi.output.Unknown)


@pytest.mark.parametrize("preview", [True, False])
def test_outputs_that_the_engine_cannot_read_are_an_error_also_in_a_preview(monkeypatch, preview):
    def refuse(*_given, **_options):
        raise RuntimeError("the state cannot be decrypted")

    monkeypatch.setattr(pulumi.runtime, "invoke", refuse)
    with pytest.raises(RuntimeError, match="cannot be decrypted"):
        deploy(development_account, preview=preview)


def test_the_account_of_a_later_phase_is_unknown_in_a_preview():
    before = {"fraud": {**TEAM, "accounts": {"experimentation": "222222222222"}}}
    exports = deploy(development_account, preview=True, upstream=before).exports
    assert isinstance(exports["account"], pulumi.output.Unknown)


def test_an_update_that_needs_an_account_of_a_later_phase_says_which_stack_to_bring_up():
    before = {"fraud": {**TEAM, "accounts": {"experimentation": "222222222222"}}}
    with pytest.raises(UpstreamMissing, match=r"needs development of the output accounts of fraud.* plinth up fraud"):
        deploy(development_account, upstream=before)


@pytest.mark.parametrize("upstream", [{}, {"fraud": {}}])
def test_an_update_without_its_upstream_stack_says_which_stack_to_bring_up(upstream):
    with pytest.raises(UpstreamMissing, match=r"needs outputs of fraud, which is not up yet; .* plinth up fraud"):
        deploy(development_account, upstream=upstream)


def test_an_update_names_the_outputs_that_are_missing():
    with pytest.raises(UpstreamMissing, match=r"missing or not of the expected type \(organizational_units\)"):
        deploy(development_account, upstream={"fraud": {"accounts": TEAM["accounts"]}})


def read_network():
    network = read(NetworkOutputs, StackIdentity("network"))
    pulumi.export("region", network.region)
    pulumi.export("gateway", network.transit_gateway_id)


def test_an_optional_output_is_read_like_any_other():
    upstream = {"network": {**NETWORK, "transit_gateway_id": "tgw-1"}}
    assert deploy(read_network, upstream=upstream).exports == {"region": "eu-west-1", "gateway": "tgw-1"}


def test_an_optional_output_that_is_none_is_unknown_in_a_preview_and_the_others_are_known():
    exports = deploy(read_network, preview=True, upstream={"network": NETWORK}).exports
    assert exports["region"] == "eu-west-1"
    assert isinstance(exports["gateway"], pulumi.output.Unknown)


def test_an_update_that_reads_an_optional_output_that_is_none_says_which_stack_to_bring_up():
    with pytest.raises(UpstreamMissing, match=r"needs the output transit_gateway_id of network.* plinth up network"):
        deploy(read_network, upstream={"network": NETWORK})


def read_third_subnet():
    tooling = read(DurableAccountOutputs, StackIdentity("tooling"))
    pulumi.export("subnet", tooling.private_subnet_ids[2])


def test_an_element_of_a_list_is_read_by_index():
    upstream = {"tooling": {**TOOLING, "private_subnet_ids": ["subnet-1", "subnet-2", "subnet-3"]}}
    assert deploy(read_third_subnet, upstream=upstream).exports == {"subnet": "subnet-3"}


def test_an_element_that_the_upstream_stack_does_not_have_yet_is_unknown_in_a_preview():
    exports = deploy(read_third_subnet, preview=True, upstream={"tooling": TOOLING}).exports
    assert isinstance(exports["subnet"], pulumi.output.Unknown)


def test_an_update_that_needs_an_element_that_is_missing_says_which_stack_to_bring_up():
    with pytest.raises(
        UpstreamMissing, match=r"needs 2 of the output private_subnet_ids of tooling.* plinth up tooling"
    ):
        deploy(read_third_subnet, upstream={"tooling": TOOLING})


def test_a_mapping_cannot_be_iterated_because_a_preview_may_not_know_its_keys():
    with pytest.raises(TypeError, match="not iterable"):
        deploy(lambda: list(read(TeamOutputs, StackIdentity("team", "fraud")).accounts), upstream={"fraud": TEAM})


def test_outputs_that_the_contract_does_not_declare_are_ignored():
    assert deploy(development_account, upstream={"fraud": {**TEAM, "later": 1}}).exports["account"] == "222222222222"


def test_a_stack_exports_exactly_the_outputs_of_its_contract():
    with pytest.raises(ValueError, match="TeamOutputs and the exported outputs differ in: accounts, surprise"):
        deploy(lambda: export(TeamOutputs, organizational_units={}, surprise=1))


def test_a_missing_management_account_id_is_an_error_that_names_the_settings_key():
    foundation = example_foundation(organization=example_organization(accounts={}))
    with pytest.raises(ManagementAccountUnknown, match=r"accounts\.organization\.id is missing"):
        deploy_stack("organization", foundation)


def test_an_unknown_stack_is_an_error_that_lists_the_known_ones():
    foundation = example_foundation()
    with pytest.raises(pulumi.RunError, match="no stack pricing; known stacks: organization, audit, identity, "):
        deploy_stack("pricing", foundation)


def test_a_stack_reads_only_upstream_stacks():
    # The mocks give each stack the outputs of its upstream stacks only, so reading another stack raises an error.
    assert all(recorder.records for recorder in example_deployment().values())
