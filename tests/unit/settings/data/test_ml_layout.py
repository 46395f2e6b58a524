import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.data import ml_layout
from settings.data.ml_layout import (
    BUILD_CLASSES,
    BUILD_KEY,
    AsynchronousRequests,
    Build,
    GroundTruth,
    InputHistory,
    Monitoring,
    PushedInput,
    QueryResults,
    Snapshot,
    class_prefix,
    classes_in,
    parse_key,
)
from settings.types.build_id import branch_folder, build_id_of
from settings.types.errors import SettingsError
from settings.types.kinds import ENVIRONMENTS

BUILD = "20220621T101500-1a2b3c4"
CASES = st.from_regex(r"[a-z][a-z0-9]{2,5}(-[a-z0-9]{1,5})?", fullmatch=True).filter(
    lambda name: name not in ("queries", "pushed", "yes", "off", "true", "false", "null", "nan", "inf")
)
NAMES = st.from_regex(r"[A-Za-z0-9]{1,10}(-[A-Za-z0-9]{1,10})?", fullmatch=True)
STEPS = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9})?", fullmatch=True)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
ORIGINS = st.from_regex(r"[0-9a-f]{7,40}|[0-9a-z]{12}", fullmatch=True)
BUILD_IDS = st.builds(build_id_of, MOMENTS, ORIGINS)
GIT_BRANCHES = st.text(min_size=1, max_size=60)
FILES = st.from_regex(r"[A-Za-z0-9_=.-]{1,12}(/[A-Za-z0-9_=.-]{1,12}){0,4}", fullmatch=True).filter(
    lambda file: not {".", ".."} & set(file.split("/"))
)
BUILDS = st.builds(Build, use_case=CASES, build_id=BUILD_IDS, branch=GIT_BRANCHES.map(branch_folder))
PARTS = st.one_of(
    BUILDS.map(lambda build: build.code()),
    BUILDS.map(lambda build: build.input()),
    st.tuples(BUILDS, STEPS).map(lambda both: both[0].outputs(both[1])),
)
PLACES = st.one_of(
    PARTS,
    st.builds(InputHistory, use_case=CASES),
    st.builds(Snapshot, use_case=CASES, model=NAMES, version=st.integers(1, 99_999)),
    st.builds(
        Monitoring, use_case=CASES, part=st.sampled_from(["capture", "code", "predictions", "results"]), subject=NAMES
    ),
    st.builds(GroundTruth, use_case=CASES),
    st.builds(AsynchronousRequests, use_case=CASES, part=st.sampled_from(["requests", "accepted", "answers"])),
    st.builds(QueryResults, workgroup=NAMES),
    st.builds(PushedInput, dataset=CASES, part=st.sampled_from(["historical", "inference"])),
)


@pytest.mark.requirement("S3-01", "S3-02.a", "S3-03", "S3-05", "S3-09.b", "AMB-08.a")
@given(PLACES, FILES)
def test_a_key_round_trips(place, file):
    found = parse_key(place.key(file))
    assert (found.folder, found.file) == (place, file)


@pytest.mark.requirement("S3-05")
@given(PLACES, FILES, PLACES, FILES)
def test_two_folders_never_share_a_key(place, file, other, other_file):
    assert (place.key(file) == other.key(other_file)) == ((place, file) == (other, other_file))


@pytest.mark.requirement("S3-01", "S3-02.a", "S3-03", "S3-05", "S3-08")
def test_keys_are_those_of_the_requirements():
    main = Build(use_case="scoring", build_id=BUILD)
    assert main.code().key("source.tar.gz") == f"scoring/{BUILD}/code/source.tar.gz"
    assert main.input().key("train.csv") == f"scoring/{BUILD}/input/train.csv"
    assert main.outputs("train").key("model.tar.gz") == f"scoring/{BUILD}/ml-pipeline-outputs/train/model.tar.gz"
    branch = Build(use_case="scoring", build_id=BUILD, branch=branch_folder("feature/Drift_Check"))
    assert re.fullmatch(
        rf"scoring/feature-drift-check-[0-9a-f]{{10}}/{BUILD}/ml-pipeline-outputs/evaluate/metrics.json",
        branch.outputs("evaluate").key("metrics.json"),
    )
    assert InputHistory(use_case="scoring").key("2022/06.csv") == "scoring/input/2022/06.csv"


@pytest.mark.requirement("S3-09.b")
def test_snapshot_keys_sort_by_model_version():
    prefixes = [Snapshot(use_case="scoring", model="fraud--scoring", version=v).prefix for v in (9, 10, 200)]
    assert prefixes[1] == "scoring/training-snapshots/fraud--scoring/00010/"
    assert prefixes == sorted(prefixes)


@pytest.mark.requirement("S3-04")
@given(st.lists(MOMENTS, min_size=2, max_size=6, unique=True), ORIGINS)
def test_build_ids_sort_by_time(moments, origin):
    ids = [build_id_of(moment, origin) for moment in sorted(moments)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.requirement("S3-04")
def test_a_build_id_does_not_depend_on_the_time_zone_of_the_clock():
    here = datetime(2022, 6, 21, 12, 15, tzinfo=timezone(timedelta(hours=2)))
    assert build_id_of(here, "1a2b3c4") == BUILD


@pytest.mark.requirement("S3-04")
@pytest.mark.parametrize(
    ("moment", "origin"),
    [
        (datetime(2022, 6, 21, 12, 15), "1a2b3c4"),
        (datetime(2022, 6, 21, 12, 15, tzinfo=UTC), "1a2b"),
        (datetime(2022, 6, 21, 12, 15, tzinfo=UTC), "../main/x"),
        (datetime(1999, 6, 21, 12, 15, tzinfo=UTC), "1a2b3c4"),
    ],
)
def test_a_build_id_needs_a_time_zone_and_a_valid_origin(moment, origin):
    with pytest.raises(SettingsError, match=r"\[layout\]"):
        build_id_of(moment, origin)


@pytest.mark.requirement("S3-05")
@given(GIT_BRANCHES, GIT_BRANCHES)
def test_two_branches_never_share_a_folder(one, other):
    main = {"main", "master"}
    same = one.removeprefix("refs/heads/") == other.removeprefix("refs/heads/") or main >= {
        one.removeprefix("refs/heads/"),
        other.removeprefix("refs/heads/"),
    }
    assert (branch_folder(one) == branch_folder(other)) is same


@pytest.mark.requirement("S3-05")
@pytest.mark.parametrize(("one", "other"), [("feature/a_b", "feature/a-b"), ("A", "a"), ("a", "feature/a"), ("ä", "ö")])
def test_similar_branch_names_have_different_folders(one, other):
    assert branch_folder(one) != branch_folder(other)
    assert {branch_folder(one)[:8], branch_folder(other)[:8]} == {"feature-"}


@pytest.mark.requirement("S3-07.a")
@given(PARTS, FILES, CASES)
def test_the_prefix_of_a_build_class_matches_only_keys_of_that_class(part, file, other_case):
    key = part.key(file)
    for environment in ("experimentation", "development"):
        matching = {
            class_ for class_ in classes_in(environment) if key.startswith(class_prefix(part.build.use_case, class_))
        }
        assert matching == {part.build.class_in(environment)}
        if other_case != part.build.use_case:
            assert not [
                class_ for class_ in classes_in(environment) if key.startswith(class_prefix(other_case, class_))
            ]


@pytest.mark.requirement("S3-07.a")
@given(PLACES.filter(lambda place: not isinstance(place, ml_layout.BuildPart)), FILES, CASES)
def test_the_prefix_of_a_build_class_matches_only_builds(place, file, case):
    key = place.key(file)
    assert not [build_class for build_class in BUILD_CLASSES if key.startswith(class_prefix(case, build_class))]


@pytest.mark.requirement("S3-08")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_batch_inference_has_the_layout_of_main_builds(environment):
    build = Build(use_case="scoring", build_id=BUILD)
    batch = environment in ("preproduction", "production")
    assert build.class_in(environment) == ("batch" if batch else "main")
    branch = Build(use_case="scoring", build_id=BUILD, branch="develop")
    if batch:
        with pytest.raises(SettingsError, match="only runs builds of main"):
            branch.class_in(environment)
    else:
        assert branch.class_in(environment) == "develop"


def test_all_errors_of_a_build_are_reported_at_once():
    with pytest.raises(SettingsError) as refused:
        Build(use_case="Scoring!", build_id="yesterday", branch="fix")
    assert [fault.path for fault in refused.value.faults] == ["branch", "build_id", "use_case"]
    assert "try scoring" in str(refused.value)
    assert "create it with branch_folder" in str(refused.value)


@pytest.mark.parametrize(
    "file",
    ["", "/a", "a/", "a//b", "../b", "a/./b", "a\nb", "a b", "ä", "a/training-snapshots/b", "x" * 1024, "\u200b"],
)
def test_a_file_name_that_s3_or_common_tools_cannot_handle_is_refused(file):
    with pytest.raises(SettingsError):
        InputHistory(use_case="scoring").key(file)


@pytest.mark.parametrize(
    "make",
    [
        lambda: InputHistory(use_case="queries"),
        lambda: Build(use_case="scoring", build_id="20220231T101500-1a2b3c4"),
        lambda: Build(use_case="scoring", build_id=BUILD, branch="main"),
        lambda: Build(use_case="scoring", build_id=BUILD).outputs("Train Model"),
        lambda: Build(use_case="scoring", build_id=BUILD).outputs(""),
        lambda: Snapshot(use_case="scoring", model="m", version=0),
        lambda: Snapshot(use_case="scoring", model="m/../n", version=1),
        lambda: Monitoring(use_case="scoring", part="other", subject="e"),
        lambda: QueryResults(workgroup=""),
    ],
)
def test_a_part_that_would_change_the_folder_is_refused(make):
    with pytest.raises(SettingsError):
        make()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "scoring",
        "scoring/",
        f"scoring/{BUILD}/other/a",
        f"scoring/{BUILD}/code/",
        f"scoring/main/{BUILD}/code/a",
        f"/scoring/{BUILD}/code/a",
        "scoring/training-snapshots/m/7/a",
        "scoring/models/a",
        "scoring/input/a//b",
        "users/ana/a",
        f"scoring/{BUILD}/code/a\n",
    ],
)
def test_a_key_outside_the_layout_is_refused(key):
    with pytest.raises(SettingsError, match=r"\[layout\]|\[slug|\[control"):
        parse_key(key)


@given(st.text(max_size=80))
def test_any_text_is_parsed_as_a_key_or_refused(text):
    try:
        found = parse_key(text)
    except SettingsError:
        return
    assert found.folder.key(found.file) == text


@pytest.mark.requirement("S3-06.a")
@given(PARTS, FILES)
def test_the_key_pattern_for_queries_matches_the_parsed_keys(part, file):
    found = re.search(BUILD_KEY, part.key(file))
    build = part.build
    assert found.groups() == (build.use_case, build.branch or None, build.build_id, part.part, file)


def test_pushed_data_has_a_folder_that_no_use_case_can_have():
    assert PushedInput(dataset="card-payments", part="inference").key("a") == "pushed/card-payments/inference/a"
    with pytest.raises(SettingsError, match="is not a dataset part"):
        PushedInput(dataset="card-payments", part="latest")
    with pytest.raises(SettingsError, match="is a folder of every ML bucket"):
        InputHistory(use_case="pushed")
