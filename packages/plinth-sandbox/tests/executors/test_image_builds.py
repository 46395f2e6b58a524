"""The instructions of dockerfiles run over an environment of this machine, and their changes become layers."""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from plinth_sandbox.engine.image import image_with_engine
from plinth_sandbox.executors.built_image import BuiltImage, unpacked_layers
from plinth_sandbox.executors.docker.build import ImageBuild
from plinth_sandbox.executors.docker.dockerfile import DockerfileError, assignments, filled, instructions
from plinth_sandbox.executors.docker.stage import StepError
from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.executors.sagemaker.container import Container
from plinth_sandbox.kubernetes.node.oci import digest_of

ENVIRONMENT = Path(sys.prefix)
needs_namespaces = pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
Build = Callable[..., BuiltImage]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Builds a dockerfile whose base image the environment of the tests stands for."""
    context = tmp_path / "context"
    context.mkdir()
    (context / "a.txt").write_text("a")

    def run(
        text: str,
        base: BuiltImage | None = None,
        *,
        image: BuiltImage | None = None,
        performs: bool = True,
        **secrets: str,
    ) -> BuiltImage:
        folder = tmp_path / f"build-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return ImageBuild(
            folder=folder,
            base=lambda _: base or ENVIRONMENT,
            image=lambda name: image or find_image(name),
            context=context,
            arguments={},
            secrets=secrets,
            performs=performs,
        ).run(text)

    return run


def find_image(name: str) -> BuiltImage:
    raise StepError(f"there is no {name}")


def files(image: BuiltImage) -> dict[str, str]:
    """Returns the files of the uppermost layer, with their content."""
    with tarfile.open(fileobj=io.BytesIO(image.layers[-1])) as layer:
        found = {}
        for member in layer.getmembers():
            content = layer.extractfile(member) if member.isreg() else None
            if not member.isdir():
                found[member.name] = content.read().decode() if content else member.linkname
        return found


@needs_namespaces
def test_a_base_image_with_the_engine_has_its_programs_and_those_of_its_environment(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "pulumi").write_text("#!/bin/sh\necho v3.99.0\n")
    (engine / "pulumi").chmod(0o755)
    base = image_with_engine(tmp_path / "programs", ENVIRONMENT, engine, tmp_path / "home")
    (tmp_path / "build").mkdir()
    text = "FROM base\nRUN pulumi version > /opt/seen && pip --version && python -c 'import pulumi'"
    run = ImageBuild(
        folder=tmp_path / "build",
        base=lambda _: base,
        image=find_image,
        context=tmp_path / "build",
        arguments={},
        secrets={},
    ).run
    assert files(run(text))["opt/seen"] == "v3.99.0\n"


@needs_namespaces
def test_a_layer_has_what_was_written_and_marks_what_was_removed(build: Build, tmp_path: Path) -> None:
    written = "echo x > /etc/x && ln -s x /etc/y && rm /usr/bin/yes && echo z > /run/z"
    image = build(f"FROM base\nRUN {written}\nCOPY a.txt /new/folder/")
    assert files(image) == {"etc/x": "x\n", "etc/y": "x", "usr/bin/.wh.yes": "", "new/folder/a.txt": "a"}
    again = build("FROM next\nRUN test ! -e /usr/bin/yes && cat /new/folder/a.txt /etc/y > /opt/seen", image)
    assert files(again) == {"opt/seen": "ax\n"}
    again.unpack(tmp_path / "layers")
    assert len(unpacked_layers(tmp_path / "layers")) == len(again.layers) == len(image.layers) + 1


@needs_namespaces
def test_a_folder_that_is_replaced_hides_what_it_had(build: Build) -> None:
    image = build("FROM base\nRUN rm -r /etc/apt && mkdir /etc/apt && echo x > /etc/apt/x")
    found = files(image)
    assert found.pop("etc/apt/x") == "x\n"
    assert set(found) == {f"etc/apt/.wh.{path.name}" for path in Path("/etc/apt").iterdir()}


@needs_namespaces
def test_an_image_that_files_were_copied_from_is_no_stage(build: Build) -> None:
    image = build("FROM base\nRUN echo x > /opt/copied")
    built = build("FROM base\nCOPY --from=base /opt/copied /a\nFROM base\nRUN test ! -e /opt/copied", image=image)
    assert files(built) == {}


@needs_namespaces
def test_the_same_dockerfile_gives_the_same_digest(build: Build) -> None:
    text = 'FROM base\nCOPY a.txt /a\nENV A=1 B="two words"\nLABEL by=me\nUSER app\nCMD ["sh"]\nENTRYPOINT run it'
    first, second = (build(f"{text}\nRUN touch --date @{second} /a") for second in (1, 2))
    assert first.image.digest == second.image.digest
    assert first.image.digest != build(f"{text}\nENV C=3").image.digest
    assert first.configuration.variables["B"] == "two words"
    assert (first.configuration.user, first.configuration.entry_point) == ("app", ["/bin/sh", "-c", "run it"])
    parts = {digest_of(layer) for layer in first.layers}
    assert parts < first.image.blobs.keys()


@needs_namespaces
def test_an_image_has_pip_and_no_program_that_its_dockerfile_does_not_add(tmp_path: Path) -> None:
    environment, folder = tmp_path / "environment", tmp_path / "build"
    for each in (environment / "bin", environment / "lib/python3.11/site-packages", folder):
        each.mkdir(parents=True)
    for name in ("train", "other"):
        (environment / "bin" / name).write_text("#!/bin/sh")
    (environment / "bin" / "python").symlink_to(sys.executable)
    (environment / "complete").write_text("train\n")
    text = "FROM base\nRUN test ! -e %s/bin/train && test -e %s/bin/other && command -v pip > /seen" % (
        (environment,) * 2
    )
    image = ImageBuild(folder, lambda _: environment, find_image, tmp_path, {}, {}).run(text)
    assert files(image) == {"seen": f"{environment}/bin/pip\n"}


@needs_namespaces
def test_a_secret_reaches_its_instruction_and_no_layer(build: Build) -> None:
    text = (
        "FROM base\nRUN --mount=type=secret,id=token cat /run/secrets/token > /seen\nRUN test ! -e /run/secrets/token"
    )
    assert files(build(text, token="hidden")) == {"seen": "hidden"}
    with pytest.raises(StepError, match="exit code: 1"):
        build(text)
    with pytest.raises(StepError, match="secret token: not found"):
        build(text.replace("id=token", "id=token,required=true"))


@needs_namespaces
def test_instructions_run_in_the_order_of_the_dockerfile_and_see_each_other(build: Build) -> None:
    text = """\
FROM base AS first
WORKDIR /work
WORKDIR folder
RUN <<EOF
pwd > where
echo $0
EOF
FROM first AS second
RUN echo more >> where
FROM base
ARG NAME=value
ENV PATH="/own:$PATH"
COPY --from=second --chmod=700 /work/folder/ /copied
RUN cp /copied/where /seen && echo "$NAME" >> /seen
"""
    image = build(text)
    assert files(image)["seen"] == "/work/folder\nmore\nvalue\n"
    assert image.configuration.variables["PATH"].startswith("/own:")


@needs_namespaces
def test_a_container_starts_a_program_with_the_entry_point_and_otherwise_alone_if_the_image_has_it(
    build: Build, tmp_path: Path
) -> None:
    added = "FROM base\nRUN echo '#!/bin/sh' > /usr/local/bin/train && chmod +x /usr/local/bin/train"
    for number, (text, command) in enumerate(
        [
            (added, ["train"]),
            (f'{added}\nENTRYPOINT ["nice"]', ["nice", "train"]),
            (f"{added} && rm /usr/local/bin/train", []),
            ("FROM base", []),
        ]
    ):
        root = tmp_path / f"ml-{number}"
        root.mkdir()
        container = Container(ENVIRONMENT, root, [], image=build(text))
        assert container.command_of("train") == command


@needs_namespaces
@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("RUN echo said && exit 3", 'process "/bin/sh -c echo said && exit 3" did not complete successfully'),
        ("COPY absent /", '"/absent": not found'),
        ("COPY ../a /", "forbidden path outside the build context"),
        ("COPY --from=nobody a /", "there is no nobody"),
        ("ADD https://example.com/a.tar /", "the sandbox adds no files of other hosts"),
        ("RUN --mount=type=ssh true", "the sandbox does not know --mount=type=ssh"),
    ],
)
def test_an_instruction_that_fails_fails_the_build_with_its_reason(build: Build, instruction: str, reason: str) -> None:
    with pytest.raises((StepError, DockerfileError)) as failed:
        build(f"FROM base\n{instruction}\n")
    assert reason in str(failed.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "file with no instructions"),
        ("FROM a\nRUNS b\n", "line 2: unknown instruction: RUNS"),
        ("ARG A\nFROM ${A}\n", "line 2: base name"),
        ("RUN true\nFROM a\n", "line 1: no build stage in current context"),
    ],
)
@pytest.mark.parametrize("performs", [True, False])
def test_a_dockerfile_that_docker_does_not_read_is_refused(
    build: Build, text: str, reason: str, *, performs: bool
) -> None:
    with pytest.raises(DockerfileError, match=reason):
        build(text, performs=performs)


def test_without_namespaces_no_instruction_runs_and_the_environment_stands_in(build: Build) -> None:
    image = build("FROM base\nRUN exit 1\nCOPY absent /\n", performs=False)
    assert (image.environment, list(image.layers)) == (ENVIRONMENT, [])


def test_instructions_are_read_with_comments_continued_lines_and_here_documents() -> None:
    text = "# syntax\nRUN <<EOF\nFROM x\nEOF\nCOPY \\\n  # comment\n  a b\n"
    assert [
        (instruction.line, instruction.name, instruction.rest, instruction.document)
        for instruction in instructions(text)
    ] == [
        (2, "RUN", "<<EOF", "FROM x\n"),
        (5, "COPY", "a b", ""),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("$A-${A}", "one-one"), ("${B:-two}", "two"), ("${A:+set}${B:+unset}", "set"), ("${A:-two}$B", "one")],
)
def test_variables_have_values_and_otherwise_their_defaults(text: str, value: str) -> None:
    assert filled(text, {"A": "one"}) == value


def test_values_are_set_in_both_forms() -> None:
    assert assignments('A=1 B="two words"') == {"A": "1", "B": "two words"}
    assert assignments("A two words") == {"A": "two words"}
