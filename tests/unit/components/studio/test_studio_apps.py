"""Lifecycle scripts of Studio apps, executed as an app executes them, and custom images."""

import base64
import configparser
import json
import os
import shlex
import subprocess
import sys

import pytest
import yaml

from components.studio.custom_image import CustomImage, CustomImageArgs
from components.studio.lifecycle_configurations import LifecycleConfigurations, LifecycleConfigurationsArgs, script
from plinth_sandbox.waiting import LONGEST_SECONDS
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY

CONFIGURATION = "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig"
VALUES = {
    "WORK_BUCKET": "work",
    "SECURITY_GROUP": "sg-1",
    "KEY": KEY,
    "SUBNETS": "subnet-1, subnet-2",
    "REGION": "eu-west-1",
    "PACKAGE_INDEX": "https://packages.acme.example/simple",
    "PACKAGE_DOMAIN": "",
    "CODE_ROLES": "arn:aws:iam::222222222222:role/plinth/",
    "CONTRIBUTOR": "contributor",
    "TRACKING": "",
}
CODECOMMIT = "https://git-codecommit.eu-west-1.amazonaws.com"
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def scripts(**changes):
    args = {
        "label": "fraud-experimentation",
        "work_bucket_name": "work",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "job_security_group_id": "sg-1",
        "key_arn": KEY,
        "region": "eu-west-1",
    }
    return LifecycleConfigurations("scripts", LifecycleConfigurationsArgs(**args | changes))


@pytest.fixture
def home(tmp_path):
    (tmp_path / "metadata.json").write_text(json.dumps({"SpaceName": "ana-lopez-jupyterlab"}))
    return tmp_path


@pytest.fixture
def commands(tmp_path):
    """A folder with an AWS CLI that writes down its arguments and the profiles that it finds."""
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "aws").write_text(
        '#!/bin/bash\necho "$@" >>"$HOME/called"\ncase "$*" in *authorization-token*) echo "$TOKEN" ;; *) cat ;; esac\n'
    )
    (folder / "aws").chmod(0o755)
    return folder


def start(home, *, commands="", token="secret", **values):
    """Runs the script of a starting app with a temporary home directory."""
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(home), "METADATA": str(home / "metadata.json"), "TOKEN": token}
    text = script("jupyterlab", VALUES | values)
    subprocess.run(["bash", "-c", text], env=environment, check=True, capture_output=True, timeout=LONGEST_SECONDS)


def git(home, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run(["git", "config", "--global", *words], env=environment, capture_output=True, text=True)
    return done.stdout.strip()


def test_git_authenticates_to_codecommit_with_the_role_of_the_use_case(home, commands):
    start(home)
    helper = git(home, f"credential.{CODECOMMIT}.helper")
    assert git(home, f"credential.{CODECOMMIT}.UseHttpPath") == "true"
    assert git(home, "user.name") == "ana-lopez"
    environment = {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    for repository in ("fraud--card-scoring-build", "fraud--card-scoring-deployment"):
        asked = f"protocol=https\nhost=git-codecommit.eu-west-1.amazonaws.com\npath=v1/repos/{repository}\n"
        done = subprocess.run([helper, "get"], env=environment, input=asked, capture_output=True, text=True, check=True)
        assert done.stdout == asked
    called = "--profile fraud--card-scoring codecommit credential-helper get"
    assert (home / "called").read_text().splitlines() == [called] * 2
    profiles = configparser.ConfigParser()
    profiles.read(home / ".aws/config")
    assert {name: dict(profiles[name]) for name in profiles.sections()} == {
        "profile fraud--card-scoring": {
            "role_arn": "arn:aws:iam::222222222222:role/plinth/fraud--card-scoring-contributor",
            "credential_source": "EcsContainer",
            "region": "eu-west-1",
        }
    }


def test_without_repositories_git_has_no_helper(home):
    start(home, CODE_ROLES="")
    assert git(home, f"credential.{CODECOMMIT}.helper") == ""


def test_settings_of_the_user_survive_a_restart(home):
    start(home)
    git(home, "user.name", "Ana Lopez")
    start(home)
    assert git(home, "user.name") == "Ana Lopez"


@pytest.mark.requirement("EXP-09.d", level="run")
def test_packages_come_from_the_mirror_if_there_is_one(home):
    start(home)
    assert "index-url = https://packages.acme.example/simple" in (home / ".config/pip/pip.conf").read_text()
    assert 'url = "https://packages.acme.example/simple"' in (home / ".config/uv/uv.toml").read_text()


@pytest.mark.requirement("EXP-09.d", level="run")
def test_packages_come_from_the_package_repository_without_a_mirror(home, commands):
    domain = {"PACKAGE_DOMAIN": "acme", "PACKAGE_OWNER": "222222222222", "PACKAGE_REPOSITORY": "pypi"}
    start(home, commands=commands, PACKAGE_INDEX="", **domain)
    url = "https://aws:secret@acme-222222222222.d.codeartifact.eu-west-1.amazonaws.com/pypi/pypi/simple/"
    assert f"index-url = {url}" in (home / ".config/pip/pip.conf").read_text()
    assert f'url = "{url}"' in (home / ".config/uv/uv.toml").read_text()
    assert (home / ".config/pip/pip.conf").stat().st_mode & 0o077 == 0
    assert "--domain acme --domain-owner 222222222222" in (home / "called").read_text()


def test_an_app_starts_also_if_it_gets_no_token_for_packages(home, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "aws").symlink_to("/bin/false")
    domain = {"PACKAGE_DOMAIN": "acme", "PACKAGE_OWNER": "222222222222", "PACKAGE_REPOSITORY": "pypi"}
    start(home, commands=broken, PACKAGE_INDEX="", **domain)
    assert not (home / ".config/pip").exists()
    assert (home / ".config/sagemaker/config.yaml").exists()


def test_without_a_mirror_and_a_repository_the_default_package_index_is_used(home):
    start(home, PACKAGE_INDEX="")
    assert not (home / ".config/pip").exists()


SHOW = "import os; print(os.environ.get('MLFLOW_TRACKING_URI'), os.environ.get('MLFLOW_TRACKING_AUTH'))"


def seen(home, **given):
    """Returns what a notebook and a terminal of the app see of the variables of the tracking server."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **given}
    startup = home / ".ipython/profile_default/startup"
    notebook = "".join(file.read_text() for file in sorted(startup.glob("*.py"))) + f"\n{SHOW}"
    bash = f". ~/.bashrc; {sys.executable} -c {shlex.quote(SHOW)}" if (home / ".bashrc").exists() else "echo None None"
    commands = [[sys.executable, "-c", notebook], ["bash", "-c", bash]]
    return [
        subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout.strip()
        for words in commands
    ]


def test_notebooks_and_terminals_find_the_tracking_server(home):
    start(home)
    assert seen(home) == ["None None"] * 2
    for _ in range(2):
        start(home, TRACKING="MLFLOW_TRACKING_AUTH=plinth MLFLOW_TRACKING_URI=https://mlflow.acme.example")
    assert seen(home) == ["https://mlflow.acme.example plinth"] * 2
    assert len((home / ".bashrc").read_text().splitlines()) == 1
    assert seen(home, MLFLOW_TRACKING_URI="file:runs") == ["file:runs plinth"] * 2
    start(home)
    assert seen(home) == ["None None"] * 2


def test_sdk_defaults_place_jobs_in_the_network_with_encryption(home):
    start(home)
    defaults = yaml.safe_load((home / ".config/sagemaker/config.yaml").read_text())["SageMaker"]
    assert defaults["TrainingJob"]["VpcConfig"] == {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    assert defaults["TrainingJob"]["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    session = defaults["PythonSDK"]["Modules"]["Session"]
    assert session == {"DefaultS3Bucket": "work", "DefaultS3ObjectKeyPrefix": "users/ana-lopez"}


def test_values_are_quoted_for_the_shell(home):
    start(home, PACKAGE_INDEX="$(touch harm)'; touch harm; '")
    assert not list(home.rglob("harm"))


@both_modes
def test_each_app_type_has_a_script(preview):
    found = {
        r.name: r.inputs["studioLifecycleConfigAppType"] for r in deploy(scripts, preview=preview).all(CONFIGURATION)
    }
    assert found == {"scripts-jupyterlab": "JupyterLab", "scripts-code-editor": "CodeEditor"}


def test_changed_content_gets_a_new_name_so_that_it_can_be_replaced():
    before = deploy(scripts).one(CONFIGURATION, "scripts-jupyterlab").inputs
    after = deploy(lambda: scripts(package_index="https://other.example/simple")).one(
        CONFIGURATION, "scripts-jupyterlab"
    )
    assert before["studioLifecycleConfigName"] != after.inputs["studioLifecycleConfigName"]
    content = base64.b64decode(after.inputs["studioLifecycleConfigContent"]).decode()
    assert "https://other.example/simple" in content


def test_a_script_longer_than_the_limit_of_sagemaker_is_refused():
    with pytest.raises(Exception, match="too long"):
        deploy(lambda: scripts(package_index="https://x/" + "a" * 20_000))


def image(**changes):
    args = {
        "image_name": "fraud-experimentation-torch",
        "registry": "333333333333.dkr.ecr.eu-west-1.amazonaws.com",
        "repository": "studio/torch",
        "digest": f"sha256:{'0' * 64}",
        "app": "jupyterlab",
        "pull_role_arn": "arn:aws:iam::222222222222:role/plinth/execution",
    }
    return CustomImage("image-torch", CustomImageArgs(**args | changes))


@pytest.mark.requirement("EXP-09.b")
@both_modes
def test_an_image_is_named_by_its_digest(preview):
    version = deploy(image, preview=preview).one("aws:sagemaker/imageVersion:ImageVersion").inputs
    assert version["baseImage"] == f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("app", "configured"), [("jupyterlab", "jupyterLabImageConfig"), ("code-editor", "codeEditorAppImageConfig")]
)
def test_an_image_is_configured_for_its_app_type(app, configured):
    found = deploy(lambda: image(app=app)).one("aws:sagemaker/appImageConfig:AppImageConfig").inputs
    assert configured in found
    assert len([key for key in found if key.endswith("ImageConfig")]) == 1


def test_an_image_by_a_tag_is_refused():
    with pytest.raises(ValueError, match="not an image digest"):
        image(digest="latest")
