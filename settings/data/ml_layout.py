"""The layout of ML buckets: every key is built here, and read here (S3-01 to S3-09, AMB-08).

``folder.key(file)`` builds a key and ``parse_key(key)`` parses one. In experimentation and development
the builds of the main branch lie right under their use case, and those of other branches under the branch. In
preproduction and production the same places hold the runs of batch inference.
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
from settings.types.kinds import Environment
from settings.types.name_checks import check_parts
from settings.types.redaction import shown

BuildClass = Literal["feature", "develop", "main", "batch"]
BUILD_CLASSES: tuple[BuildClass, ...] = get_args(BuildClass)
SharedStep = Literal["reports", "results"]
"""Steps whose outputs people read in preproduction: what was written for them, and what was inferred."""
MonitoringPart = Literal["baseline", "capture", "results"]

MAX_KEY_BYTES = 1024
"""Of a key (S3 User Guide, "Naming Amazon S3 objects")."""
OUTPUTS = "ml-pipeline-outputs"
FEATURE = "feature-"
"""Start of the folder of every feature branch."""
DEVELOP = "develop"
SNAPSHOTS = "training-snapshots"
"""No other folder has this name, however deep, so that a bucket's policy can tell snapshots of any use case."""
MONITORING = "monitoring"
QUERIES = grammar.QUERIES
PUSHED = grammar.PUSHED

_VERSION_DIGITS = 5
"""Versions of a model sort as numbers do: 00009 before 00010."""
_NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9])*")
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FILE = re.compile(r"[A-Za-z0-9!_.*'()=:+@,-]+(/[A-Za-z0-9!_.*'()=:+@,-]+)*")


def classes_in(environment: Environment) -> tuple[BuildClass, ...]:
    """What is built in an environment: models of all branches, or results of batch inference (S3-08)."""
    return ("batch",) if environment in ("preproduction", "production") else ("feature", "develop", "main")


def class_prefix(use_case: str, build_class: BuildClass) -> str:
    """How the keys of all builds of a class begin, and no others: what a lifecycle rule can tell them by."""
    starts = {"feature": FEATURE, "develop": f"{DEVELOP}/", "main": FIRST_DIGIT, "batch": FIRST_DIGIT}
    return f"{use_case}/{starts[build_class]}"


def step_outputs_pattern(step: SharedStep) -> str:
    """Pattern of policies for the folder of a step's outputs, whatever the use case and the build."""
    return f"*/{OUTPUTS}/{step}/"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the layout."""

    @property
    def prefix(self) -> str:
        """How the keys of all that lies here begin, with the slash at the end."""
        raise NotImplementedError

    def key(self, file: str) -> str:
        """The key of a file here, which may lie in folders of its own. Raises SettingsError where S3 or a tool would
        stumble over it."""
        key = self.prefix + file
        check_parts(file=(file, _check_file))
        if len(key) > MAX_KEY_BYTES:
            rule = f"makes a key of {len(key)} characters; S3 takes {MAX_KEY_BYTES}"
            fix = f"shorten it by {len(key) - MAX_KEY_BYTES}"
            raise SettingsError([Fault(code=Code.LAYOUT, path="file", value=shown(file), rule=rule, fix=fix)])
        return key


@dataclass(frozen=True, kw_only=True, slots=True)
class InputHistory(Folder):
    """What a use case was given to learn from over time; the lake's datasets, or files of its own (S3-02)."""

    use_case: str

    def __post_init__(self) -> None:
        check_parts(use_case=(self.use_case, grammar.use_case_name))

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/input/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build(Folder):
    """One build of a branch with one run of its pipeline, or one run of batch inference (S3-03, S3-05, S3-08)."""

    use_case: str
    build_id: str
    """From :func:`settings.build_id.build_id_of`."""
    branch: str = ""
    """The branch's folder, from :func:`settings.build_id.branch_folder`; empty for main and for batch inference."""

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
        """Its class, by which its retention goes. Raises SettingsError for a branch where no branch is built."""
        found: BuildClass = "batch" if environment in ("preproduction", "production") else "main"
        if self.branch:
            found = "develop" if self.branch == DEVELOP else "feature"
        if found not in classes_in(environment):
            rule = f"is a branch; {environment} runs what main has built"
            fix = "leave the branch out"
            raise SettingsError([Fault(code=Code.LAYOUT, path="branch", value=self.branch, rule=rule, fix=fix)])
        return found

    def code(self) -> BuildPart:
        """The packaged code of the build."""
        return BuildPart(build=self, part="code")

    def input(self) -> BuildPart:
        """The input that was copied for the build, or its manifest with versions where it is too large to copy."""
        return BuildPart(build=self, part="input")

    def outputs(self, step: str) -> BuildPart:
        """What a step of the pipeline left."""
        return BuildPart(build=self, part=f"{OUTPUTS}/{step}")


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildPart(Folder):
    """``code``, ``input`` or ``ml-pipeline-outputs/<step>`` of a build."""

    build: Build
    part: str

    def __post_init__(self) -> None:
        check_parts(part=(self.part, _check_part))

    @property
    def prefix(self) -> str:
        return f"{self.build.prefix}{self.part}/"

    @property
    def step(self) -> str | None:
        """The pipeline's step, of outputs."""
        return self.part.partition("/")[2] or None


def build_input_affixes(use_case: str) -> tuple[str, str]:
    """What stands before and behind a build's id in the prefix of its input, for whoever learns the id only then."""
    some = "20220621T101500-1a2b3c4"
    before, _, behind = Build(use_case=use_case, build_id=some).input().prefix.partition(some)
    return before, behind


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot(Folder):
    """What a version of a model was trained on, for good (S3-09)."""

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
        return f"{self.use_case}/{SNAPSHOTS}/{self.model}/{self.version:0{_VERSION_DIGITS}}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitoring(Folder):
    """What watches a model or an endpoint: its baseline, what was captured, what was found."""

    use_case: str
    part: MonitoringPart
    subject: str
    """The endpoint, or the model where it runs in batches."""

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
class QueryResults(Folder):
    """What Athena answers in a workgroup."""

    workgroup: str

    def __post_init__(self) -> None:
        check_parts(workgroup=(self.workgroup, _check_name))

    @property
    def prefix(self) -> str:
        return f"{QUERIES}/{self.workgroup}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushedInput(Folder):
    """What the lake's jobs lay into the bucket of an environment, for all its use cases (INT-07)."""

    dataset: str
    part: str

    def __post_init__(self) -> None:
        check_parts(dataset=(self.dataset, grammar.dataset_name), part=(self.part, _check_part_of_dataset))

    @property
    def prefix(self) -> str:
        return f"{PUSHED}/{self.dataset}/{self.part}/"


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """A key, understood."""

    folder: Folder
    file: str


BUILD_KEY = (
    rf"^([a-z][a-z0-9-]*)/(?:({DEVELOP}|{FEATURE}[a-z0-9-]+)/)?"
    rf"({BUILD_ID})/(code|input|{OUTPUTS}/[a-z0-9-]+)/(.+)$"
)
"""Use case, branch, build, part and file of a build's key, in what regular expressions of Python and Athena share."""
_SNAPSHOT_KEY = rf"^([^/]+)/{SNAPSHOTS}/([^/]+)/([0-9]{{{_VERSION_DIGITS}}})/(.+)$"


def parse_key(key: str) -> ParsedKey:
    """Where a key lies. Raises SettingsError for a key that the layout does not have."""
    for pattern, folder_of in _READERS:
        if found := re.fullmatch(pattern, key, re.DOTALL):
            *parts, file = found.groups()
            folder = folder_of(*parts)
            if folder.key(file) == key:
                return ParsedKey(folder, file)
    rule = "is no key of the layout"
    fix = "a key is <use_case>/<build_id>/code/…, …/input/… or …/ml-pipeline-outputs/<step>/… (docs/guides/storage.md)"
    raise SettingsError([Fault(code=Code.LAYOUT, path="key", value=shown(key), rule=rule, fix=fix)])


def _read_part(use_case: str, branch: str | None, build: str, part: str) -> BuildPart:
    return BuildPart(build=Build(use_case=use_case, branch=branch or "", build_id=build), part=part)


_READERS: tuple[tuple[str, Callable[..., Folder]], ...] = (
    (BUILD_KEY, _read_part),
    (_SNAPSHOT_KEY, lambda case, model, version: Snapshot(use_case=case, model=model, version=int(version))),
    (
        rf"^([^/]+)/{MONITORING}/([^/]+)/([^/]+)/(.+)$",
        lambda case, part, subject: Monitoring(use_case=case, part=part, subject=subject),
    ),
    (rf"^{QUERIES}/([^/]+)/(.+)$", lambda workgroup: QueryResults(workgroup=workgroup)),
    (rf"^{PUSHED}/([^/]+)/([^/]+)/(.+)$", lambda dataset, part: PushedInput(dataset=dataset, part=part)),
    (r"^([^/]+)/input/(.+)$", lambda case: InputHistory(use_case=case)),
)
"""How the keys of each sort of place are told, the narrowest first."""


def _check_branch(text: str) -> str:
    if text in ("", DEVELOP):
        return text
    if not text.startswith(FEATURE) or not _SLUG.fullmatch(text) or len(text) > 63:
        rule = f"is no branch's folder: {DEVELOP}, {FEATURE}<name>, or nothing for main"
        raise refusal(Code.LAYOUT, rule, "make it with branch_folder")
    return text


def _check_part(text: str) -> str:
    name, _, step = text.partition("/")
    if text in ("code", "input") or (name == OUTPUTS and _SLUG.fullmatch(step) and len(step) <= 63):
        return text
    rule = f"is no part of a build: code, input, or {OUTPUTS}/ with a step's name in lower-case letters, digits and -"
    raise refusal(Code.LAYOUT, rule, "name the step as in train-model")


def _check_part_of_dataset(text: str) -> str:
    if text not in PARTS:
        raise refusal(Code.LAYOUT, "is no part of a dataset", f"choose one of {', '.join(PARTS)}")
    return text


def _check_monitoring_part(text: str) -> str:
    if text not in get_args(MonitoringPart):
        raise refusal(Code.LAYOUT, "is no part of monitoring", f"choose one of {', '.join(get_args(MonitoringPart))}")
    return text


def _check_name(text: str) -> str:
    grammar.refuse_unusual_characters(text)
    if not 1 <= len(text) <= 63 or not _NAME.fullmatch(text):
        rule = "is no name of a SageMaker resource or workgroup: 1-63 letters, digits and inner hyphens"
        raise refusal(Code.LAYOUT, rule, "use the resource's own name")
    return text


def _check_version(number: int) -> int:
    most = 10**_VERSION_DIGITS - 1
    if not 1 <= number <= most:
        raise refusal(Code.LAYOUT, f"is no version of a model (1 to {most:,})", "use the model package's version")
    return number


def _check_file(text: str) -> str:
    grammar.refuse_unusual_characters(text)
    if not _FILE.fullmatch(text):
        rule = "is no relative path of letters, digits and !_.*'()=:+@,- between single slashes"
        raise refusal(Code.LAYOUT, rule, "write it as metrics/evaluation.json")
    if {".", ".."} & set(text.split("/")):
        raise refusal(Code.LAYOUT, "has a folder that tools take for another one (. or ..)", "write the path out")
    if SNAPSHOTS in text.split("/"):
        raise refusal(Code.LAYOUT, f"has a folder {SNAPSHOTS}, which only snapshots have", "name the folder otherwise")
    return text
