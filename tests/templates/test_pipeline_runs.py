"""Builds and pipelines of a generated project run in the sandbox, from the push to the registration."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from plinth_sandbox.waiting import eventually
from policies.evaluation.readers import Properties
from policies.evaluation.resource import Resource
from policies.security.inputs.pipelines import PIPELINE
from policies.security.rules.sagemaker.jobs import has_a_readable_definition, pipeline_steps_are_confined
from settings.data.ml_layout import Build
from settings.types.build_id import branch_folder
from tests.templates.development import IMAGE, Development
from tests.templates.projects import commit, environment, git, run

PIPELINE_NAME = "fraud--scoring-training-main"
INPUT = "ml_pipelines/training/input.json"
WORSE = {
    "gates": [{"metric": "rmse", "at_most": 1.5}],
    "tuning": {
        "metric": "rmse",
        "jobs": 1,
        "parallel": 1,
        "ranges": {"max_iter": {"kind": "integer", "least": 20, "most": 30}},
    },
}
"""Settings with a gate that no model passes, and a search instead of fixed values."""
FAULTY = {
    "algorithms/training/train/folder.py": '"""Folder of the model."""\n\nFOLDER = "/opt/ml/model"\n',
    "algorithms/shared_libraries/counts.py": 'def rows() -> int:\n    """Return the rows."""\n    return "many"\n',
    "algorithms/shared_libraries/test/test_sums.py": "def test_one_is_two() -> None:\n    assert 1 == 1 + 1\n",
}
"""Files with one fault each."""
FOUND = (
    "algorithms/training/train/README.md: missing",
    "algorithms/training/train/folder.py:3: contains the path /opt/ml",
    'algorithms/shared_libraries/counts.py:3: error: Incompatible return value type (got "str", expected "int")',
    "algorithms/shared_libraries/test/test_sums.py:2: AssertionError",
    "_ test_one_is_two _",
)
RENDER = """
import json, sys
from pathlib import Path
sys.path.insert(0, "algorithms")
from plinth_project.build.rendering import render
before = render(Path.cwd(), "training")
file = Path(sys.argv[1])
settings = json.loads(file.read_text()) | json.loads(sys.argv[2])
settings["data"] = {"source": "history", "file": "data.csv", "target": "progression"}
file.write_text(json.dumps(settings))
other = render(Path.cwd(), "training")
file.write_text(json.dumps(settings | {"image": None}))
Path("algorithms/preprocessing/split/dockerfile").write_text("FROM scratch")
print(json.dumps([before, other, render(Path.cwd(), "training")]))
"""
"""Renders the pipeline, again with other settings and no query, and then with a dockerfile in another step too."""


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Development(server, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def result(development: Development) -> dict[str, Any]:
    """Returns the result of the first submission."""
    done = development.submit()
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((development.project / "build" / "result.json").read_text())
    return found


@pytest.fixture(scope="module")
def rendered(development: Development, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Returns the definition of the same commit, rendered in another clone, and two with other settings."""
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", str(development.project), ".")
    command = [environment() / "bin" / "python", "-c", RENDER, INPUT, json.dumps(WORSE)]
    variables = {"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=clone, env=variables, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.nightly
@pytest.mark.requirement(
    "TR-02.a", "TR-03.a", "TR-05.a", "TR-08", "TR-09", "CI-06", "CI-07", "S3-03", "REPO-13.b", "TR-04.a"
)
def test_a_build_is_stored_under_its_id_and_registers_a_pending_version(
    development: Development, result: dict[str, Any]
) -> None:
    assert result["status"] == "Succeeded", result["reasons"]
    build = Build(use_case="scoring", build_id=result["build_id"])
    stored = development.keys("ml-dev-fraud", build.prefix)
    assert {"code/definition.json", "code/algorithms/training/train/__main__.py", "input/data.csv"} <= set(stored)
    outputs = {key.split("/")[1] for key in stored if key.startswith("ml-pipeline-outputs/")}
    assert outputs == {"split", "train", "evaluate", "baseline"}
    (version,) = development.versions()
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
    assert version["ModelPackageArn"] == result["model_package"]


@pytest.mark.nightly
@pytest.mark.requirement(
    "TR-07", "S3-06.b", "CI-11.a", "CI-11.b", "TR-05.b", "MON-01.a", "AMB-11", "TOOL-05.a", "TOOL-05.b", "TOOL-05.c"
)
def test_a_version_has_its_metrics_its_baseline_its_lineage_and_its_card(
    development: Development, result: dict[str, Any]
) -> None:
    (version,) = development.versions()
    (container,) = version["InferenceSpecification"]["Containers"]
    folder = f"fraud/scoring/models/main/{result['build_id']}/"
    assert container["ModelDataUrl"] == f"s3://acme-artifacts/{folder}model.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(development.object("acme-artifacts", f"{folder}model.tar.gz"))) as packed:
        assert {"about.json", "model.joblib", "code/inference/serve/predictor.py"} <= set(packed.getnames())
    assert container["Environment"] == {"SM_MODEL_DIR": "/opt/ml/model"}
    evaluation = json.loads(development.object("acme-artifacts", f"{folder}evaluation.json"))
    statistics = json.loads(development.object("acme-artifacts", f"{folder}statistics.json"))
    assert evaluation["rows"] + statistics["dataset"]["item_count"] < 442
    baseline = version["DriftCheckBaselines"]["ModelDataQuality"]
    assert baseline["Statistics"]["S3Uri"] == f"s3://acme-artifacts/{folder}statistics.json"
    lineage = version["CustomerMetadataProperties"]
    assert lineage["build_id"] == result["build_id"]
    assert (lineage["repository"], lineage["commit"]) == ("fraud--scoring-build", development.commit)
    assert lineage["image"] == IMAGE
    assert lineage["data_snapshot"] == f"s3://ml-dev-fraud/scoring/{result['build_id']}/input/"
    assert float(lineage["rmse"]) == evaluation["metrics"]["rmse"]
    assert lineage["parameters"] == "learning_rate=0.1 max_iter=50 max_leaf_nodes=15"
    assert lineage["data_source"] == "athena historical.diabetes"
    card = json.loads(version["ModelCard"]["ModelCardContent"])
    (group,) = card["evaluation_details"][0]["metric_groups"]
    assert group["metric_data"][0] == {"name": "rmse", "type": "number", "value": evaluation["metrics"]["rmse"]}


@pytest.mark.nightly
@pytest.mark.requirement("CI-11.c", "CI-11.d")
def test_every_job_knows_its_build_and_training_runs_in_the_image_that_the_build_names(
    development: Development, result: dict[str, Any]
) -> None:
    sagemaker = development.aws.client("sagemaker", MANAGEMENT)
    training = [
        sagemaker.describe_training_job(TrainingJobName=job_summary["TrainingJobName"])
        for job_summary in sagemaker.list_training_jobs()["TrainingJobSummaries"]
    ]
    processing = [
        sagemaker.describe_processing_job(ProcessingJobName=job_summary["ProcessingJobName"])
        for job_summary in sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    ]
    expected = {
        "BUILD_ID": result["build_id"],
        "REPOSITORY": "fraud--scoring-build",
        "BRANCH": "main",
        "COMMIT": development.commit,
        "PARAMETERS": "learning_rate=0.1 max_iter=50 max_leaf_nodes=15",
    }
    own = [job for job in (*training, *processing) if job["Environment"]["BUILD_ID"] == result["build_id"]]
    assert len(own) >= 5
    assert all(job["Environment"].items() >= expected.items() for job in own)
    trained = [job["AlgorithmSpecification"]["TrainingImage"] for job in own if "TrainingJobName" in job]
    assert trained == [IMAGE]


@pytest.mark.requirement("TR-01", "AMB-13.c")
def test_one_commit_renders_to_the_same_bytes_everywhere_and_without_aws(
    development: Development, rendered: list[str]
) -> None:
    done = run(development.project, "render", PYTHONHASHSEED="0")
    assert done.returncode == 0, done.stderr
    assert (development.project / "build" / "training.json").read_text() == rendered[0]


@pytest.mark.requirement("REPO-10.c", "TR-10.a")
def test_the_job_of_a_step_runs_in_the_image_of_its_dockerfile(rendered: list[str]) -> None:
    definition = json.loads(rendered[2])
    found = {step["Name"]: step["Arguments"] for step in definition["Steps"]}
    assert found["Split"]["AppSpecification"]["ImageUri"] == {"Get": "Parameters.ImageSplit"}
    assert found["Evaluate"]["AppSpecification"]["ImageUri"] == {"Get": "Parameters.Image"}
    defaults = {parameter["Name"]: parameter.get("DefaultValue", "") for parameter in definition["Parameters"]}
    assert defaults["ImageSplit"].rpartition(":")[0].endswith("/fraud/scoring/split")
    assert defaults["Image"].rpartition(":")[0].endswith("/fraud/scoring/train")


@pytest.mark.nightly
def test_what_a_build_submits_is_what_another_clone_renders(
    development: Development, result: dict[str, Any], rendered: list[str]
) -> None:
    submitted = development.object("ml-dev-fraud", f"scoring/{result['build_id']}/code/definition.json")
    assert rendered[0].encode() == submitted


@pytest.mark.nightly
@pytest.mark.requirement("TR-04.b", "TR-06", "REPO-12", "CI-08.b", "CI-10.d")
def test_a_worse_model_fails_its_build_with_both_numbers_although_the_sandbox_was_killed(
    development: Development, result: dict[str, Any], tmp_path: Path
) -> None:
    before = [version["ModelPackageArn"] for version in development.versions()]
    runs = development.executions(PIPELINE_NAME)
    git(tmp_path, "clone", "--quiet", str(development.project), ".")
    settings = json.loads((tmp_path / INPUT).read_text())
    (tmp_path / INPUT).write_text(json.dumps({**settings, **WORSE}))
    pushed = commit(tmp_path)
    identifier = development.push(tmp_path, "main", buildspecOverride=without_checks(tmp_path))
    new = eventually(lambda: development.executions(PIPELINE_NAME) - runs)
    eventually(lambda: "Tune" in development.steps(*new))
    development.aws.restart()
    build = development.build(identifier)
    assert build["buildStatus"] == "FAILED"
    assert set(development.steps(*new)) == {"GetData", "Split", "Tune", "Evaluate", "Gate-rmse", "Gate-rmse-failed"}
    said = re.search(r"^Gate-rmse-failed: rmse ([0-9.]+) > 1\.5$", development.comment(pushed), re.MULTILINE)
    assert said is not None, development.comment(pushed)
    assert float(said[1]) > 1.5
    assert development.executions(PIPELINE_NAME) - runs == new
    assert [version["ModelPackageArn"] for version in development.versions()] == before


def without_checks(project: Path) -> str:
    """Returns the build specification of a project without its checks."""
    text = (project / "build_spec.yml").read_text()
    kept = yaml.safe_load("".join(line for line in text.splitlines(keepends=True) if "project check" not in line))
    return json.dumps({**kept, "reports": {}})


@pytest.mark.requirement("CI-02", "CI-03.b", "CI-04.c", "CI-08.b", "REPO-12")
def test_each_fault_of_a_push_is_on_its_commit_with_its_place(development: Development, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(development.project), ".")
    for place, text in FAULTY.items():
        (tmp_path / place).write_text(text)
    (tmp_path / "algorithms/training/train/README.md").unlink()
    settings = (tmp_path / "pyproject.toml").read_text()
    few = settings.replace('testpaths = ["algorithms"]', 'testpaths = ["algorithms/shared_libraries/test"]')
    (tmp_path / "pyproject.toml").write_text(few)
    pushed = commit(tmp_path)
    build = development.build(development.push(tmp_path, "feature/faulty"))
    assert build["buildStatus"] == "FAILED"
    comment = development.comment(pushed)
    assert comment.startswith(f"**Build failed**: {build['id']}\n\n`./project check` failed:")
    assert [fault for fault in FOUND if fault not in comment] == [], comment
    assert len(build["reportArns"]) == 2


@pytest.mark.requirement("NET-03.c", "DEV-03.b", level="declared")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_policies_accept_the_definition(rendered: list[str], number: int) -> None:
    inputs = {"pipelineDefinition": rendered[number]}
    pipeline = Resource(type=PIPELINE[0], name="training", properties=Properties(inputs))
    assert has_a_readable_definition(pipeline) is None
    assert pipeline_steps_are_confined(pipeline) is None


@pytest.mark.requirement("BR-02.a")
def test_a_feature_branch_is_not_deployed_unless_ci_says_so(development: Development) -> None:
    git(development.project, "switch", "--quiet", "--create", "feature/drift")
    try:
        done = development.submit()
    finally:
        git(development.project, "switch", "--quiet", "main")
    assert done.stdout.startswith("The branch feature/drift is not deployed"), done.stderr


def clones(development: Development, folder: Path, *branches: str) -> dict[str, Path]:
    """Returns a clone of the project for each branch, which has a commit of its own and is pushed."""
    origin = folder / "origin"
    git(folder, "clone", "--quiet", "--bare", str(development.project), str(origin))
    made = {}
    for branch in ("main", *branches):
        made[branch] = folder / branch.replace("/", "-")
        git(folder, "clone", "--quiet", str(origin), str(made[branch]))
        if branch != "main":
            git(made[branch], "switch", "--quiet", "--create", branch)
            git(made[branch], "commit", "--quiet", "--allow-empty", "--message", branch)
            git(made[branch], "push", "--quiet", "origin", branch)
    return made


def merge(clone: Path, branch: str) -> None:
    git(clone, "fetch", "--quiet")
    git(clone, "merge", "--quiet", f"origin/{branch}")
    git(clone, "push", "--quiet", "origin", "main")


def owned(development: Development) -> dict[str, set[str]]:
    """Returns what exists of the use case: pipelines, groups, and objects of both buckets."""
    pipelines = development.sagemaker.list_pipelines()["PipelineSummaries"]
    groups = development.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    return {
        "pipelines": {pipeline["PipelineName"] for pipeline in pipelines},
        "groups": {group["ModelPackageGroupName"] for group in groups},
        "data": set(development.keys("ml-dev-fraud", "scoring/")),
        "models": set(development.keys("acme-artifacts", "fraud/scoring/models/")),
    }


@pytest.mark.nightly
@pytest.mark.requirement("BR-03", "BR-04", "BR-05", "BR-07", "AMB-06.b", "BR-02.b", "AMB-07.a")
def test_two_branches_are_built_apart_and_each_is_removed_after_its_merge(
    development: Development, result: dict[str, Any], tmp_path: Path
) -> None:
    before, branches = owned(development), ("feature/a", "feature/b")
    clone = clones(development, tmp_path, *branches)

    def submit(branch: str) -> subprocess.CompletedProcess[str]:
        return development.run(clone[branch], "submit", "--no-wait", DEPLOY_FEATURE_BRANCHES="true")

    with ThreadPoolExecutor(len(branches)) as pool:
        for done in pool.map(submit, branches):
            assert done.returncode == 0, done.stdout + done.stderr
    both = owned(development)
    # The digest of a branch's name distinguishes its group, its pipeline and its folders.
    folders = {branch: branch_folder(branch) for branch in branches}
    for branch, folder in folders.items():
        assert f"fraud--scoring-{folder}" in both["groups"]
        assert f"fraud--scoring-training-{folder}" in both["pipelines"]
        assert [key for key in both["data"] if key.startswith(f"{folder}/")], branch
    group = f"fraud--scoring-{folders['feature/b']}"
    version = {"ModelApprovalStatus": "PendingManualApproval", "CustomerMetadataProperties": {"rmse": "60.5"}}
    development.sagemaker.create_model_package(ModelPackageGroupName=group, **version)

    merge(clone["main"], "feature/b")
    for _ in ("removal", "repeat"):
        done = development.run(clone["main"], "clean-up")
        assert done.returncode == 0, done.stdout + done.stderr
        after = owned(development)
        assert not [name for found in after.values() for name in found if folders["feature/b"] in name]
        for kind, found in both.items():  # the pipeline of the other branch runs, and adds data
            assert {name for name in found if folders["feature/a"] in name} <= after[kind]
    (kept,) = development.keys("acme-artifacts", f"fraud/scoring/branches/removed/{folders['feature/b']}/")
    manifest = json.loads(
        development.object("acme-artifacts", f"fraud/scoring/branches/removed/{folders['feature/b']}/{kept}")
    )
    assert manifest["builds"][0]["commit"] == git(clone["feature/b"], "rev-parse", "HEAD")
    assert [removed_version["lineage"] for removed_version in manifest["versions"]] == [{"rmse": "60.5"}]

    merge(clone["main"], "feature/a")
    assert development.run(clone["main"], "clean-up").returncode == 0
    assert owned(development) == before
    assert not development.keys("acme-artifacts", "fraud/scoring/branches/open/")
