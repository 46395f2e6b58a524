import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.data.dataset import Dataset
from settings.data.lake import PARTS
from settings.derived.sharing import (
    SHARED_TAGS,
    column_tags,
    columns_read,
    lake_reading_roles,
    lf_tag_expression,
    table_tags,
    team_tag_key,
    team_tag_value,
    team_tag_values,
    team_tag_values_with,
)
from settings.team.studio import StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS

COLUMNS = [
    {"name": "card", "type": "string", "classification": "restricted", "personal": True},
    {"name": "amount", "type": "double"},
    {"name": "city", "type": "string"},
]


def dataset(**changes):
    given_ = {"name": "payments", "owner": "data@acme.example", "classification": "internal", "columns": COLUMNS}
    return Dataset.model_validate({**given_, **changes})


def finds(wanted, tags):
    """Returns whether an LF-tag expression matches the tags: each key with one of its values."""
    return all(tags.get(key) in values for key, values in wanted.items())


def tags_of(data, part, column):
    return {**table_tags(data, part), **column_tags(data, column)}


@given(st.sets(st.sampled_from(ENVIRONMENTS), min_size=1), st.sampled_from(ENVIRONMENTS))
def test_an_lf_tag_value_includes_exactly_the_environments_it_was_built_from(chosen, environment):
    assert team_tag_value(chosen) in team_tag_values()
    assert (team_tag_value(chosen) in team_tag_values_with(environment)) is (environment in chosen)


def test_every_set_of_environments_has_a_distinct_lf_tag_value():
    assert len(set(team_tag_values())) == len(team_tag_values()) == 2 ** len(ENVIRONMENTS) - 1


@pytest.mark.requirement("DL-06.d")
@given(st.sets(st.sampled_from(ENVIRONMENTS)), st.sampled_from(ENVIRONMENTS), st.sampled_from(PARTS))
def test_an_environment_reads_only_datasets_shared_with_it(chosen, environment, part):
    data = dataset(shared_with={"fraud": sorted(chosen)}, anonymised={"columns": ["amount"]})
    read = [
        column.name
        for column in data.columns
        if finds(lf_tag_expression("fraud", environment), tags_of(data, part, column))
    ]
    assert not read or environment in chosen
    assert not [c for c in data.columns if finds(lf_tag_expression("churn", environment), tags_of(data, part, c))]


@pytest.mark.requirement("DL-07.b")
@pytest.mark.threat("T-21")
def test_experimentation_reads_only_anonymised_columns():
    data = dataset(shared_with={"fraud": ["experimentation"]}, anonymised={"columns": ["amount", "city"]})
    wanted = lf_tag_expression("fraud", "experimentation")
    found = [c.name for c in data.columns if finds(wanted, tags_of(data, "historical", c))]
    assert found == ["amount", "city"] == list(columns_read(data, "experimentation"))


@pytest.mark.requirement("DL-07.a")
def test_a_variant_with_a_row_filter_is_not_granted_by_lf_tags():
    data = dataset(
        shared_with={"fraud": ["experimentation"]}, anonymised={"columns": ["amount"], "rows": "city <> 'Ys'"}
    )
    wanted = lf_tag_expression("fraud", "experimentation")
    assert not [c.name for c in data.columns if finds(wanted, tags_of(data, "historical", c))]
    assert columns_read(data, "experimentation") == ("amount",)


def test_experimentation_reads_all_columns_of_an_approved_dataset():
    data = dataset(columns=COLUMNS[1:], approved=True, shared_with={"fraud": ["experimentation"]})
    wanted = lf_tag_expression("fraud", "experimentation")
    assert [c.name for c in data.columns if finds(wanted, tags_of(data, "historical", c))] == ["amount", "city"]


@pytest.mark.requirement("DL-04")
@pytest.mark.parametrize(
    ("part", "readers"), [("historical", "exp+dev"), ("inference", "dev+preprod+prod")], ids=lambda value: value
)
def test_each_part_is_read_only_in_its_environments(part, readers):
    data = dataset(shared_with={"fraud": list(ENVIRONMENTS)}, anonymised={"columns": ["amount"]})
    assert table_tags(data, part)[team_tag_key("fraud")] == readers


def test_a_column_has_only_lf_tags_that_differ_from_its_table():
    card, amount, _ = (data := dataset()).columns
    assert (column_tags(data, card), column_tags(data, amount)) == ({"class": "restricted"}, {})


def test_every_dataset_has_valid_lf_tag_values():
    for part in PARTS:
        tags = table_tags(dataset(), part)
        assert all(tags[key] in values for key, values in SHARED_TAGS.items())


def test_studio_users_read_the_lake_only_in_experimentation_and_jobs_everywhere():
    studio = StudioSettings(users={"ada": StudioUser(persona="data-scientist")})
    by_environment = {
        e: lake_reading_roles(EnvironmentSettings(team="fraud", environment=e, studio=studio)) for e in ENVIRONMENTS
    }
    assert by_environment.pop("experimentation") == ("execution", "studio-ada")
    assert set(by_environment.values()) == {("execution",)}
