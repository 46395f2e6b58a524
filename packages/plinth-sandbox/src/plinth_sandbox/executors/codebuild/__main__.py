"""``python -m plinth_sandbox.executors.codebuild``: runs one build, whose description is JSON on standard input."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.executors import session
from plinth_sandbox.executors.codebuild.artifacts import NoFilesError, selected, upload, upload_packed
from plinth_sandbox.executors.codebuild.buildspec import Buildspec, BuildspecError, parse
from plinth_sandbox.executors.codebuild.container import BuildContainer
from plinth_sandbox.executors.codebuild.log import BuildLog
from plinth_sandbox.executors.codebuild.phases import run_phases
from plinth_sandbox.executors.codebuild.progress import Progress
from plinth_sandbox.executors.codebuild.reports import ReportError, read
from plinth_sandbox.executors.codebuild.shell import Shell
from plinth_sandbox.executors.codebuild.source import SourceError, fetch
from plinth_sandbox.executors.codebuild.variables import VariableError, of_build, resolved
from plinth_sandbox.executors.images import NoEnvironmentError
from plinth_sandbox.executors.job_input import read_job_input

DEFAULT_FILE = "buildspec.yml"


class BuildFailedError(Exception):
    """A phase failed, and with it the build."""


class Build:
    def __init__(self, run: dict[str, Any]) -> None:
        self.run, self.build = run, run["build"]
        self.progress = Progress()
        self.log = BuildLog(Path("build.log").absolute(), run["group"], run["stream"])
        self.folder = Path("src").absolute()

    def perform(self) -> None:
        self._phase("QUEUED", self._wait)
        container = self._phase("PROVISIONING", self._provision)
        spec, variables = self._phase("DOWNLOAD_SOURCE", lambda: self._download(container))
        scratch = Path("commands").absolute()
        scratch.mkdir()
        words = container.words(spec.shell, self.folder, Path(self.run["images"]))
        shell = Shell(words, self.folder, variables, self.log.file, scratch)
        succeeded, uploads = run_phases(spec, shell, self.log, self.progress)
        exported = [{"name": name, "value": shell.value(name)} for name in spec.exported]
        shell.close()
        self.progress.set({"exportedEnvironmentVariables": exported})
        if uploads:
            self._phase("UPLOAD_ARTIFACTS", lambda: self._upload(spec))
        if not succeeded:
            raise BuildFailedError

    def _phase(self, name: str, work: Callable[[], Any]) -> Any:
        self.progress.begin(name)
        try:
            done = work()
        except (BuildspecError, VariableError, SourceError, NoFilesError, NoEnvironmentError, ClientError) as error:
            codes = {BuildspecError: "YAML_FILE_ERROR", VariableError: getattr(error, "code", "")}
            self._fail(name, codes.get(type(error), "CLIENT_ERROR"), str(error))
            raise BuildFailedError from error
        self.progress.end()
        return done

    def _fail(self, phase: str, code: str, message: str) -> None:
        self.log.say(f"Phase complete: {phase} State: FAILED")
        self.log.say(f"Phase context status code: {code} Message: {message}")
        self.progress.end("FAILED", code, message)

    def _wait(self) -> None:
        """Ends a build that has waited longer for a worker than its project allows."""
        if time.time() > self.run["queued_until"]:
            self.progress.end("TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out in the queue.")
            self.progress.set({"status": "TIMED_OUT"})
            raise SystemExit(0)

    def _provision(self) -> BuildContainer:
        name = f"AWSCodeBuild-{self.run['stream'].rpartition('/')[2]}"
        session.take(self.build["serviceRole"], name, source_arn=self.run["project"], subnets=self.run["subnets"])
        given, images = self.build["environment"], Path(self.run["images"])
        return BuildContainer.of(
            given["image"],
            Path("layer").absolute(),
            images,
            manifests=self.run["manifests"],
            privileged=bool(given.get("privilegedMode")),
        )

    def _download(self, container: BuildContainer) -> tuple[Buildspec, dict[str, str]]:
        source = self.build["source"]
        version = fetch(
            source, self.build.get("sourceVersion", ""), self.folder, self.run["remote"], self.run["pipeline"]
        )
        self.progress.set({"resolvedSourceVersion": version})
        spec = parse(self._buildspec(str(source.get("buildspec") or DEFAULT_FILE)))
        given = resolved(spec, self.build["environment"].get("environmentVariables") or [])
        own = of_build(self.run, self.folder, version, [container.layer, container.environment])
        return spec, {**container.variables(own), **given}

    def _buildspec(self, given: str) -> str:
        """Returns the text of the buildspec: the given one, or that of the named file in the source."""
        if "\n" in given or given.lstrip().startswith(("version:", "{")):
            return given
        file = self.folder / given
        if not file.is_file():
            raise BuildspecError(f"stat {file}: no such file or directory")
        return file.read_text()

    def _upload(self, spec: Buildspec) -> None:
        self._report(spec)
        artifacts = self.build["artifacts"]
        output = self.run["pipeline"].get("output")
        if artifacts["type"] != "S3" and not output:
            return
        if spec.artifacts is None:
            raise NoFilesError("the buildspec names no artifacts")
        if output:
            key = self.run["pipeline"]["encryption_key"]
            self.progress.set(
                {"artifacts": upload_packed(output["bucket"], output["key"], spec.artifacts, self.folder, key)}
            )
            return
        overrides = artifacts.get("overrideArtifactName") and spec.artifact_name
        name = spec.artifact_name if overrides else artifacts.get("name") or self.build["projectName"]
        found = upload(artifacts, name, self.run["stream"].rpartition("/")[2], spec.artifacts, self.folder)
        self.progress.set({"artifacts": found})

    def _report(self, spec: Buildspec) -> None:
        """Reads the reports. One that cannot be read does not fail the build."""
        found = []
        for report in spec.reports:
            files = [path for path, _ in selected(report.files, self.folder)]
            try:
                content = read(report.format, files, self.folder) if files else None
            except ReportError as error:
                self.log.say(f"Error processing report {report.group}: {error}")
                content = None
            if content is None:
                self.log.say(f"No report files were found for {report.group}")
            else:
                found.append({"group": report.group, **content})
        self.progress.set({"reports": found})


def main() -> None:
    build = Build(read_job_input())
    status = "SUCCEEDED"
    try:
        build.perform()
    except BuildFailedError:
        status = "FAILED"
    except BotoCoreError as error:
        build.log.say(f"{type(error).__name__}: {error}")
        status = "FAULT"
    build.progress.begin("FINALIZING")
    build.log.send()
    build.progress.end()
    build.progress.set({"status": status})


if __name__ == "__main__":
    main()
