"""The layout of ML buckets. All object keys are built and parsed here (S3-01 to S3-09, AMB-08).

``folder.key(file)`` builds a key and ``parse_key(key)`` parses one. In experimentation and development, builds of the
main branch are directly under their use case, and builds of other branches under the branch folder. In preproduction
and production, the same folders contain the runs of batch inference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from settings.data.lake import PARTS
from settings.types import grammar
from settings.types.build_id import BUILD_ID, FIRST_DIGIT, build_id
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError, refusal
from settings.types.kinds import RELEASED_TO, Environment
from settings.types.name_checks import check_parts
from settings.types.redaction import shown

BuildClass = Literal["feature", "develop", "main", "batch"]
BUILD_CLASSES: tuple[BuildClass, ...] = get_args(BuildClass)
RetentionClass = Literal[BuildClass, "capture"]
"""A class of builds, or the requests and answers that endpoints capture."""
SharedStep = Literal["reports", "results"]
"""Steps whose outputs people may read in preproduction: reports and inference results."""
MonitoringPart = Literal["capture", "code", "predictions", "results"]
AsynchronousPart = Literal["requests", "accepted", "answers", "failures"]

MAX_KEY_BYTES = 1024
"""Maximum length of a key (S3 User Guide, "Naming Amazon S3 objects")."""
OUTPUTS = "ml-pipeline-outputs"
FEATURE = "feature-"
"""Prefix of the folders of feature branches."""
DEVELOP = "develop"
SNAPSHOTS = "training-snapshots"
"""Folder of training snapshots. No other folder at any depth has this name, so that one bucket policy statement matches
the snapshots of every use case.
"""
MONITORING = "monitoring"
CAPTURE: Literal["capture"] = "capture"
"""Part of the monitoring data that models write: captured requests and responses."""
PREDICTIONS: MonitoringPart = "predictions"
"""Part of the monitoring data that waits for ground truth: predictions by the id of their request."""
GROUND_TRUTH = "ground-truth"
"""Folder of the monitoring data to which people and systems upload what really happened."""
SWITCH = "switch"
"""Folder of the monitoring data with the switch that stops predictions."""
ASYNCHRONOUS = "asynchronous"
"""Folder of asynchronous inference. No branch folder and no build id has this name."""
COMPLETE = "_SUCCESS"
"""Name of the object that completes an input of batch inference. Whoever copies an input writes it last."""
QUERIES = grammar.QUERIES
PUSHED = grammar.PUSHED

_VERSION_DIGITS = 5
"""Digits of a model version in a key. Leading zeros make versions sort numerically: 00009 before 00010."""
_NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9])*")
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FILE = re.compile(r"[A-Za-z0-9!_.*'()=:+@,-]+(/[A-Za-z0-9!_.*'()=:+@,-]+)*")


def version_folder(version: int) -> str:
    """Returns the folder of a model version: its number with leading zeros."""
    return f"{version:0{_VERSION_DIGITS}}"


def classes_in(environment: Environment) -> tuple[BuildClass, ...]:
    """Returns the build classes of an environment: model builds by branch, or runs of batch inference (S3-08)."""
    return ("batch",) if environment in RELEASED_TO else ("feature", "develop", "main")


def retained_in(environment: Environment) -> tuple[RetentionClass, ...]:
    """Returns the classes of objects whose retention can be set: builds, and captures where models are released."""
    return (*classes_in(environment), CAPTURE) if environment in RELEASED_TO else classes_in(environment)


def class_prefix(use_case: str, retained: RetentionClass) -> str:
    """Returns the prefix that all keys of a class have, and no others. Lifecycle rules match on it."""
    starts: dict[RetentionClass, str] = {
        "feature": FEATURE,
        "develop": f"{DEVELOP}/",
        "main": FIRST_DIGIT,
        "batch": FIRST_DIGIT,
        CAPTURE: f"{MONITORING}/{CAPTURE}/",
    }
    return f"{use_case}/{starts[retained]}"


def step_outputs_pattern(step: SharedStep) -> str:
    """Returns the policy pattern for the outputs of a step in all use cases and builds."""
    return f"*/{OUTPUTS}/{step}/"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the layout."""

    @property
    def prefix(self) -> str:
        """The prefix of all keys in the folder, with a trailing slash."""
        raise NotImplementedError

    def key(self, file: str) -> str:
        """Returns the key of a file in the folder; ``file`` may contain subfolders.

        Raises SettingsError if S3 or common tools cannot handle the key.
        """
        key = self.prefix + file
        check_parts(file=(file, _check_file))
        if len(key) > MAX_KEY_BYTES:
            rule = f"makes a key of {len(key)} characters; S3 allows {MAX_KEY_BYTES}"
            fix = f"shorten it by {len(key) - MAX_KEY_BYTES}"
            raise SettingsError([Fault(code=Code.LAYOUT, path="file", value=shown(file), rule=rule, fix=fix)])
        return key


@dataclass(frozen=True, kw_only=True, slots=True)
class InputHistory(Folder):
    """The accumulated training input of a use case: lake datasets or its own files (S3-02)."""

    use_case: str

    def __post_init__(self) -> None:
        check_parts(use_case=(self.use_case, grammar.use_case_name))

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/input/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build(Folder):
    """One build of a branch, which is one pipeline run, or one run of batch inference (S3-03, S3-05, S3-08)."""

    use_case: str
    build_id: str
    """Build id, from :func:`settings.types.build_id.build_id_of`."""
    branch: str = ""
    """Branch folder, from :func:`settings.types.build_id.branch_folder`. Empty for main and for batch inference."""

    def __post_init__(self) -> None:
        check_parts(
            use_case=(self.use_case, grammar.use_case_name),
            build_id=(self.build_id, build_id),
            branch=(self.branch, _check_branch),
        )

    @property
    def prefix(self) -> str:
        branch = f"{self.branch}/" if self.branch else ""
        return f"{self.use_case}/{branch}{self.build_id}/"

    def class_in(self, environment: Environment) -> BuildClass:
        """Returns the build class, which determines the retention.

        Raises SettingsError for a branch in an environment that builds no branches.
        """
        found: BuildClass = "batch" if environment in RELEASED_TO else "main"
        if self.branch:
            found = "develop" if self.branch == DEVELOP else "feature"
        if found not in classes_in(environment):
            rule = f"is a branch; {environment} only runs builds of main"
            fix = "remove the branch"
            raise SettingsError([Fault(code=Code.LAYOUT, path="branch", value=self.branch, rule=rule, fix=fix)])
        return found

    def code(self) -> BuildPart:
        """The packaged code of the build."""
        return BuildPart(build=self, part="code")

    def input(self) -> BuildPart:
        """The input copied for the build, or a manifest with object versions if the input is too large to copy."""
        return BuildPart(build=self, part="input")

    def outputs(self, step: str) -> BuildPart:
        """The outputs of a pipeline step."""
        return BuildPart(build=self, part=f"{OUTPUTS}/{step}")


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildPart(Folder):
    """The folder ``code``, ``input`` or ``ml-pipeline-outputs/<step>`` of a build."""

    build: Build
    part: str

    def __post_init__(self) -> None:
        check_parts(part=(self.part, _check_part))

    @property
    def prefix(self) -> str:
        return f"{self.build.prefix}{self.part}/"

    @property
    def step(self) -> str | None:
        """The pipeline step, or None if the part is not the outputs of a step."""
        return self.part.partition("/")[2] or None


def build_input_affixes(use_case: str) -> tuple[str, str]:
    """Returns the parts of an input prefix before and after the build id, for code that adds the id at run time."""
    sample_id = "20220621T101500-1a2b3c4"
    before, _, after = Build(use_case=use_case, build_id=sample_id).input().prefix.partition(sample_id)
    return before, after


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot(Folder):
    """The training data of a model version, kept permanently (S3-09)."""

    use_case: str
    model: str
    """The model package group."""
    version: int

    def __post_init__(self) -> None:
        check_parts(
            use_case=(self.use_case, grammar.use_case_name),
            model=(self.model, _check_name),
            version=(self.version, _check_version),
        )

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/{SNAPSHOTS}/{self.model}/{version_folder(self.version)}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitoring(Folder):
    """Monitoring data of a version: captured requests, predictions that wait for ground truth, results of comparisons,
    and the code of the job that compares.

    The baseline of a version is beside it in the registry.
    """

    use_case: str
    part: MonitoringPart
    subject: str
    """The version, from :func:`version_folder`, or the digest of the code."""

    def __post_init__(self) -> None:
        check_parts(
            use_case=(self.use_case, grammar.use_case_name),
            part=(self.part, _check_monitoring_part),
            subject=(self.subject, _check_name),
        )

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/{MONITORING}/{self.part}/{self.subject}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroundTruth(Folder):
    """Actual outcomes after predictions, of all versions of a use case, by the hour at which they were uploaded."""

    use_case: str

    def __post_init__(self) -> None:
        check_parts(use_case=(self.use_case, grammar.use_case_name))

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/{MONITORING}/{GROUND_TRUTH}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionSwitch(Folder):
    """The switch that stops the predictions of a use case, which people and the job of monitoring write."""

    use_case: str

    def __post_init__(self) -> None:
        check_parts(use_case=(self.use_case, grammar.use_case_name))

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/{MONITORING}/{SWITCH}/"

    @property
    def object_key(self) -> str:
        """The only key in the folder."""
        return self.key("predictions.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class AsynchronousRequests(Folder):
    """Requests of asynchronous inference, where each answer will be, the answers, and the reasons of failures (RT-05).

    The function behind the API writes ``accepted``. Callers and the function write ``requests``.
    """

    use_case: str
    part: AsynchronousPart

    def __post_init__(self) -> None:
        check_parts(use_case=(self.use_case, grammar.use_case_name), part=(self.part, _check_asynchronous_part))

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/{ASYNCHRONOUS}/{self.part}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResults(Folder):
    """The query results of an Athena workgroup."""

    workgroup: str

    def __post_init__(self) -> None:
        check_parts(workgroup=(self.workgroup, _check_name))

    @property
    def prefix(self) -> str:
        return f"{QUERIES}/{self.workgroup}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushedInput(Folder):
    """Data that ETL jobs of the lake push to the bucket of an environment, for all use cases (INT-07)."""

    dataset: str
    part: str

    def __post_init__(self) -> None:
        check_parts(dataset=(self.dataset, grammar.dataset_name), part=(self.part, _check_part_of_dataset))

    @property
    def prefix(self) -> str:
        return f"{PUSHED}/{self.dataset}/{self.part}/"


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """A parsed key: its folder and the file in it."""

    folder: Folder
    file: str


BUILD_KEY = (
    rf"^([a-z][a-z0-9-]*)/(?:({DEVELOP}|{FEATURE}[a-z0-9-]+)/)?"
    rf"({BUILD_ID})/(code|input|{OUTPUTS}/[a-z0-9-]+)/(.+)$"
)
"""Pattern of build keys, with groups for use case, branch, build id, part and file. It uses only regular expression
syntax that Python and Athena share.
"""
_SNAPSHOT_KEY = rf"^([^/]+)/{SNAPSHOTS}/([^/]+)/([0-9]{{{_VERSION_DIGITS}}})/(.+)$"


def parse_key(key: str) -> ParsedKey:
    """Parses a key. Raises SettingsError for a key outside the layout."""
    for pattern, folder_of in _READERS:
        if found := re.fullmatch(pattern, key, re.DOTALL):
            *parts, file = found.groups()
            folder = folder_of(*parts)
            if folder.key(file) == key:
                return ParsedKey(folder, file)
    rule = "is not a key of the layout"
    fix = "use <use_case>/<build_id>/code/…, …/input/… or …/ml-pipeline-outputs/<step>/… (docs/guides/storage.md)"
    raise SettingsError([Fault(code=Code.LAYOUT, path="key", value=shown(key), rule=rule, fix=fix)])


def _read_part(use_case: str, branch: str | None, build: str, part: str) -> BuildPart:
    return BuildPart(build=Build(use_case=use_case, branch=branch or "", build_id=build), part=part)


_READERS: tuple[tuple[str, Callable[..., Folder]], ...] = (
    (BUILD_KEY, _read_part),
    (_SNAPSHOT_KEY, lambda case, model, version: Snapshot(use_case=case, model=model, version=int(version))),
    (rf"^([^/]+)/{MONITORING}/{GROUND_TRUTH}/(.+)$", lambda case: GroundTruth(use_case=case)),
    (rf"^([^/]+)/{MONITORING}/{SWITCH}/(.+)$", lambda case: PredictionSwitch(use_case=case)),
    (
        rf"^([^/]+)/{MONITORING}/([^/]+)/([^/]+)/(.+)$",
        lambda case, part, subject: Monitoring(use_case=case, part=part, subject=subject),
    ),
    (
        rf"^([^/]+)/{ASYNCHRONOUS}/([^/]+)/(.+)$",
        lambda case, part: AsynchronousRequests(use_case=case, part=part),
    ),
    (rf"^{QUERIES}/([^/]+)/(.+)$", lambda workgroup: QueryResults(workgroup=workgroup)),
    (rf"^{PUSHED}/([^/]+)/([^/]+)/(.+)$", lambda dataset, part: PushedInput(dataset=dataset, part=part)),
    (r"^([^/]+)/input/(.+)$", lambda case: InputHistory(use_case=case)),
)
"""Key pattern and constructor of each folder type, most specific first."""


def _check_branch(text: str) -> str:
    if text in ("", DEVELOP):
        return text
    if not text.startswith(FEATURE) or not _SLUG.fullmatch(text) or len(text) > 63:
        rule = f"is not a branch folder: {DEVELOP}, {FEATURE}<name>, or empty for main"
        raise refusal(Code.LAYOUT, rule, "create it with branch_folder")
    return text


def _check_part(text: str) -> str:
    name, _, step = text.partition("/")
    if text in ("code", "input") or (name == OUTPUTS and _SLUG.fullmatch(step) and len(step) <= 63):
        return text
    rule = f"is not a build part: code, input, or {OUTPUTS}/<step>, with a step of lower-case letters, digits and -"
    raise refusal(Code.LAYOUT, rule, "use a step name such as train-model")


def _check_part_of_dataset(text: str) -> str:
    if text not in PARTS:
        raise refusal(Code.LAYOUT, "is not a dataset part", f"choose one of {', '.join(PARTS)}")
    return text


def _check_monitoring_part(text: str) -> str:
    if text not in get_args(MonitoringPart):
        raise refusal(Code.LAYOUT, "is not a monitoring part", f"choose one of {', '.join(get_args(MonitoringPart))}")
    return text


def _check_asynchronous_part(text: str) -> str:
    if text not in get_args(AsynchronousPart):
        parts = ", ".join(get_args(AsynchronousPart))
        raise refusal(Code.LAYOUT, "is not a part of asynchronous inference", f"choose one of {parts}")
    return text


def _check_name(text: str) -> str:
    grammar.refuse_unusual_characters(text)
    if not 1 <= len(text) <= 63 or not _NAME.fullmatch(text):
        rule = "is not a name of a SageMaker resource or workgroup: 1-63 letters, digits and inner hyphens"
        raise refusal(Code.LAYOUT, rule, "use the name of the resource")
    return text


def _check_version(number: int) -> int:
    most = 10**_VERSION_DIGITS - 1
    if not 1 <= number <= most:
        raise refusal(Code.LAYOUT, f"is not a model version (1 to {most:,})", "use the version of the model package")
    return number


def _check_file(text: str) -> str:
    grammar.refuse_unusual_characters(text)
    if not _FILE.fullmatch(text):
        rule = "is not a relative path: names of letters, digits and !_.*'()=:+@,- separated by single slashes"
        raise refusal(Code.LAYOUT, rule, "write a path such as metrics/evaluation.json")
    if {".", ".."} & set(text.split("/")):
        raise refusal(Code.LAYOUT, "contains . or .., which tools resolve to another folder", "write the full path")
    if SNAPSHOTS in text.split("/"):
        raise refusal(Code.LAYOUT, f"contains a folder {SNAPSHOTS}, a name reserved for snapshots", "rename the folder")
    return text
