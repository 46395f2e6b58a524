"""Builds the image of each step with a dockerfile, or of a whole repository, and pushes it: the program of the projects
of images (CI-05).

CodeBuild runs this text, and not the code of the repository, because its containers are privileged. Code of the
repository runs in containers that Docker builds. It uses the standard library, Docker and the AWS CLI, which images of
CodeBuild contain.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PIP_INDEX = "PIP_INDEX_URL"
"""Variable, and in lower case the build secret, with the package index and its token."""
_PINNED = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/[^@:\s]+(?::[^@\s]+)?@sha256:[0-9a-f]{64}")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_ARGUMENT = re.compile(r"ARG\s+(\w+)(?:=(\S*))?", re.IGNORECASE)
_COPIED = re.compile(r"(?:COPY|ADD)\s.*?--from=(\S+)|RUN\s.*?--mount=\S*?\bfrom=([^,\s]+)", re.IGNORECASE)


class ImageError(Exception):
    """An image cannot be built or pushed. The message says why, for a person."""


def bases(dockerfile: str, arguments: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yields the line and the name of each image that a dockerfile takes from a registry."""
    stages, known = {"scratch"}, dict(arguments)
    for number, line in _lines(dockerfile):
        if found := _ARGUMENT.match(line):
            known.setdefault(found[1], _filled(found[2] or "", known))
        elif found := _FROM.match(line):
            image = _filled(found[1], known)
            if image.lower() not in stages:
                yield number, image
            if found[2]:
                stages.add(found[2].lower())
        elif found := _COPIED.match(line):
            image = (found[1] or found[2]).lower()
            if image not in stages and not image.isdigit():
                yield number, image


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Returns a text with the values of its variables."""
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[3]) or match[2] or "", text)


def _lines(dockerfile: str) -> Iterator[tuple[int, str]]:
    """Yields the instructions with the number of their first line. A backslash continues a line."""
    start, joined = 0, ""
    for number, line in enumerate(dockerfile.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        start, joined = (start, joined) if joined else (number, "")
        joined += line.strip()
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
        elif joined:
            yield start, joined
            joined = ""


def base_faults(file: Path, arguments: Mapping[str, str], accounts: Sequence[str], region: str) -> list[str]:
    """Returns a sentence for each image that a build in the private network cannot, or should not, start from."""
    faults = []
    for number, image in bases(file.read_text(encoding="utf-8"), arguments):
        pinned = _PINNED.fullmatch(image)
        if pinned is None:
            rule = "is no image of ECR that is named by its digest"
        elif pinned[2] != region:
            rule = f"is in {pinned[2]}; the private network reaches registries of {region} only"
        elif pinned[1] not in accounts:
            rule = f"is in the registry of {pinned[1]}, which is none of {', '.join(accounts)}"
        else:
            continue
        remedy = (
            f"write <account>.dkr.ecr.{region}.amazonaws.com/<repository>@sha256:<digest>, or ${{BASE_IMAGE}} and set "
            "plinth:organization.images.base"
        )
        faults.append(f"{file}:{number}: the base image {image or '(empty)'} {rule}; {remedy}")
    return faults


def build_all(root: Path, values: Mapping[str, str]) -> None:
    """Builds and pushes the image of each step. Raises ImageError."""
    files = _dockerfiles(root, values.get("ROOT_IMAGE", ""))
    _require_repositories(files, values["IMAGES"].split(","))
    commit, tag = values["CODEBUILD_RESOLVED_SOURCE_VERSION"], values.get("TAG", "")
    if not re.fullmatch(rf"(feature-[a-z0-9-]+-)?{re.escape(commit)}", tag):
        raise ImageError(f"TAG: {tag or '(empty)'} does not name the commit {commit}; start this build with `images`")
    region, arguments = values["AWS_REGION"], {"BASE_IMAGE": values.get("BASE_IMAGE", "")}
    accounts = values["BASE_ACCOUNTS"].split(",")
    if faults := [fault for file in files.values() for fault in base_faults(file, arguments, accounts, region)]:
        raise ImageError("\n".join(faults))
    _require_engine()
    text = [file.read_text(encoding="utf-8") for file in files.values()]
    pinned = (_PINNED.fullmatch(image) for dockerfile in text for _, image in bases(dockerfile, arguments))
    _log_in(region, {values["REGISTRY"], *(match[0].partition("/")[0] for match in pinned if match)})
    secrets = _package_index(values, region)
    for name, file in files.items():
        repository = "/".join(filter(None, (values.get("REPOSITORIES"), name)))
        uri = f"{values['REGISTRY']}/{repository}:{tag}"
        if _digest(repository, tag):
            _say(f"{name}: {uri} exists already")
        else:
            given = [f"--build-arg={key}={value}" for key, value in arguments.items() if value]
            _run(["docker", "build", "--file", str(file), "--tag", uri, *given, *secrets, str(file.parent)])
            _run(["docker", "push", uri])
        _say(f"{name}: {values['REGISTRY']}/{repository}@{_digest(repository, tag)}")


def _dockerfiles(root: Path, root_image: str) -> dict[str, Path]:
    """Returns the dockerfile of each image: that of each step, or the one in the root directory for ``root_image``."""
    if not root_image:
        return {file.parent.name.replace("_", "-"): file for file in sorted(root.glob("algorithms/*/*/dockerfile"))}
    file = root / "dockerfile"
    if not file.is_file():
        raise ImageError(f"{file}: the repository has no such file, from which the image {root_image} is built")
    return {root_image: file}


def _require_repositories(files: Mapping[str, Path], images: Sequence[str]) -> None:
    if missing := [
        f"{file}: no image repository is named {name}" for name, file in files.items() if name not in images
    ]:
        raise ImageError("\n".join(f"{fault}; add it to delivery.images of the use case" for fault in missing))


def _require_engine() -> None:
    """A build without a container engine fails, because nothing else can build an image."""
    try:
        found = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
        reason = "" if found.returncode == 0 else found.stderr.strip() or f"exit status {found.returncode}"
    except FileNotFoundError:
        reason = "the program docker is not in the image of the build"
    if reason:
        raise ImageError(
            f"no container engine answers: {reason}; the project needs privileged mode and an image with it"
        )


def _log_in(region: str, registries: set[str]) -> None:
    """Signs in to registries. One token is valid for all of a region to which the role has access."""
    password = _read(["aws", "ecr", "get-login-password", "--region", region])
    for registry in sorted(registries):
        _run(["docker", "login", "--username", "AWS", "--password-stdin", registry], password)


def _package_index(values: Mapping[str, str], region: str) -> list[str]:
    """Returns the option that gives the package index to the build as a secret, which no layer keeps."""
    domain, owner = values.get("PACKAGE_DOMAIN"), values.get("PACKAGE_OWNER")
    if not domain:
        return []
    command = ["aws", "codeartifact", "get-authorization-token", "--domain", domain, "--domain-owner", str(owner)]
    token = _read([*command, "--query", "authorizationToken", "--output", "text"])
    host = f"{domain}-{owner}.d.codeartifact.{region}.amazonaws.com"
    os.environ[PIP_INDEX] = f"https://aws:{token}@{host}/pypi/{values['PACKAGE_REPOSITORY']}/simple/"
    return [f"--secret=id={PIP_INDEX.lower()},env={PIP_INDEX}"]


def _digest(repository: str, tag: str) -> str:
    """Returns the digest of a pushed image; empty if there is none."""
    wanted = json.dumps([{"imageTag": tag}])
    command = ["aws", "ecr", "batch-get-image", "--repository-name", repository, "--image-ids", wanted]
    found = json.loads(_read([*command, "--output", "json"]))["images"]
    return str(found[0]["imageId"]["imageDigest"]) if found else ""


def _read(command: Sequence[str]) -> str:
    """Returns what a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImageError(f"{' '.join(command[:3])}: {done.stderr.strip()}")
    return done.stdout.strip()


def _run(command: Sequence[str], text: str = "") -> None:
    """Runs a command whose output belongs to the log of the build."""
    done = subprocess.run(command, input=text, text=True, check=False)
    if done.returncode:
        raise ImageError(f"{' '.join(command[:2])} failed with exit status {done.returncode}; the log says why")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    try:
        build_all(Path(), os.environ)
    except ImageError as error:
        _say(str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
