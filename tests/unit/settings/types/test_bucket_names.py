"""Names of buckets: which names of organizations and teams leave room for the region."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from settings.types.aws.bucket_names import (
    ORGANIZATION_BUCKETS,
    TeamBucket,
    composed_bucket_names,
    longest_organization_name,
    ml_bucket_name,
    organization_bucket_name,
    team_bucket_name,
)
from settings.types.grammar import ORGANIZATION_LENGTHS, TEAM_LENGTHS
from settings.types.kinds import ENVIRONMENTS
from settings.types.naming import name_fault
from settings.types.regions import REGIONS

ROOT = Path(__file__).resolve().parents[4]
GUIDE = ROOT / "docs" / "guides" / "own-organization.md"
OWNER = Path("settings/types/aws/bucket_names.py")
LONGEST_TEAM = "x" * TEAM_LENGTHS[1]


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_the_longest_name_of_an_organization_is_the_longest_that_s3_accepts_in_all_its_buckets(region: str):
    longest = longest_organization_name(region)
    refused = [name for name in composed_bucket_names("x" * longest, region) if name_fault("bucket", name)]
    too_long = [name for name in composed_bucket_names("x" * (longest + 1), region) if name_fault("bucket", name)]
    assert refused == []
    assert too_long or longest == ORGANIZATION_LENGTHS[1]


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_the_longest_name_of_a_team_fits_in_every_region(region: str):
    where = {"account_id": "1" * 12, "region": region}
    for environment in ENVIRONMENTS:
        ml_bucket_name(environment, LONGEST_TEAM, **where)
        for purpose in TeamBucket.__args__:
            team_bucket_name(LONGEST_TEAM, environment, purpose, **where)


def test_the_guide_has_the_longest_name_for_every_length_of_a_region():
    text = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) characters, such as ([a-z0-9-]+) or ([a-z0-9-]+) \| (\d+) characters \|$", text, re.M)
    assert {int(row[0]) for row in rows} == {len(region) for region in REGIONS}
    for length, *regions, longest in rows:
        assert {len(region) for region in regions} == {int(length)}
        assert {longest_organization_name(region) for region in regions} == {int(longest)}


def test_a_purpose_that_the_table_lacks_is_refused():
    with pytest.raises(ValueError, match="is not in ORGANIZATION_BUCKETS"):
        organization_bucket_name("acme", "exports", account_id="1" * 12, region="eu-west-1")


def test_a_purpose_with_another_number_of_digits_is_refused():
    with pytest.raises(ValueError, match="is not in ORGANIZATION_BUCKETS"):
        organization_bucket_name("acme", "promotions", "0" * 20, account_id="1" * 12, region="eu-west-1")


def test_the_table_has_every_purpose_once():
    assert len(set(composed_bucket_names("acme", "eu-west-1"))) == len(ORGANIZATION_BUCKETS)


def test_no_other_module_composes_names_of_buckets():
    """Otherwise the settings could accept a name that S3 refuses."""
    found = [
        path.relative_to(ROOT)
        for folder in ("components", "stacks", "runtime", "settings")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "named"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "bucket"
    ]
    assert found == [OWNER]
