import pulumi
import pytest

from settings.derived.stack_graph import StackIdentity
from stacks.shared.outputs import OrganizationOutputs
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_ids
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.recorder import deploy

PHASES = [("initial", "repeatable"), ("repeatable", "reliable"), ("reliable", "scalable")]


def phase(placement, name):
    return example_foundation(
        organization=example_organization(phase=name, placement=placement), teams=[example_team()]
    )


@pytest.mark.requirement("ACC-07.b")
@pytest.mark.parametrize("placement", ["small", "medium", "large"])
@pytest.mark.parametrize(("now", "next_"), PHASES)
def test_a_preview_of_the_next_phase_knows_the_id_of_every_existing_account(placement, now, next_):
    before = Deployment(phase(placement, now))["organization"].exports

    def program():
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        for label, account_id in account_ids(phase(placement, next_), organization).items():
            pulumi.export(label, account_id)

    exports = deploy(program, preview=True, upstream={"organization": before}).exports
    known = {label for label, number in exports.items() if not isinstance(number, pulumi.output.Unknown)}
    there = {account.label for account in phase(placement, now).accounts if account.team is None}
    assert known == there
