"""Datasets that are shared with the teams fraud and churn, and the stacks of their organization under mocks."""

from functools import cache

from settings.data.dataset import Dataset
from settings.types.kinds import ENVIRONMENTS
from tests.support.every_stack import Deployment, example_foundation, example_organization


def dataset(name="payments", **changes):
    settings = {
        "name": name,
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": [
            {"name": "card", "type": "string", "classification": "restricted", "personal": True},
            {"name": "amount", "type": "double"},
            {"name": "day", "type": "date", "partition": True},
        ],
        "anonymised": {"columns": ["amount", "day"]},
        "shared_with": {"fraud": list(ENVIRONMENTS), "churn": ["development"]},
    }
    return Dataset.model_validate({**settings, **changes})


PAYMENTS = dataset()
VISITS = dataset("visits", anonymised={"columns": ["amount", "day"], "rows": "amount < 100"}, parts=["historical"])
LETTERS = dataset("letters", kind="objects", columns=[], anonymised=None, approved=True, parts=["historical"])


@cache
def deployment(*, all_datasets=True, preview=False, placement="large"):
    organization = example_organization(placement=placement)
    datasets = [PAYMENTS, VISITS, LETTERS] if all_datasets else [PAYMENTS]
    return Deployment(example_foundation(organization=organization, datasets=datasets), preview=preview)


def account_of(grant):
    return grant.inputs["principal"].split(":")[4]
