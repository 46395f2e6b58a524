"""File layout of a sandbox: one directory, and outside it only the engine's cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

INSTALLATION = str(Path(__file__).resolve().parents[1])
"""Folder of this package. Programs of the sandbox run from it, whatever their environment has installed."""

GIT_FOLDER = "git"
"""Folder of the git repositories in the directory of the emulator."""

IMAGES_FOLDER = "images"
"""Folder of the parts of images that pods pull, there too."""


DIRECTORY = ".sandbox"
"""Name of a sandbox's directory unless another one is given."""

_EVIDENCE = "server.log"


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @classmethod
    def find(cls, directory: Path | None = None) -> Layout:
        """Returns the given directory, else $PLINTH_SANDBOX_DIR, else the sandbox in or around the current directory.

        Clones of repositories are in the directory of a sandbox, so the nearest sandbox around them is theirs. Without
        one, it is ``.sandbox`` in the current directory.
        """
        named = os.environ.get("PLINTH_SANDBOX_DIR")
        if directory is not None or named:
            return cls((directory or Path(named or "")).expanduser().absolute())
        here = Path.cwd()
        around = (cls(place) for folder in (here, *here.parents) for place in (folder / DIRECTORY, folder))
        return next((layout for layout in around if layout.exists), cls(here / DIRECTORY))

    @property
    def exists(self) -> bool:
        """Whether a sandbox was ever started in the directory."""
        return (self.aws / _EVIDENCE).is_file() and self.lock.is_file()

    @property
    def aws(self) -> Path:
        """Directory of the emulator: journal, log, lock and the record of the running server."""
        return self.root / "aws"

    @property
    def journal(self) -> Path:
        return self.aws / "journal.jsonl"

    @property
    def server_log(self) -> Path:
        return self.aws / _EVIDENCE

    @property
    def repositories(self) -> Path:
        """Folder of the git repositories of CodeCommit."""
        return self.aws / GIT_FOLDER

    @property
    def clones(self) -> Path:
        """Folder for clones of these repositories. A reset deletes them too, because they name emulated accounts."""
        return self.root / "clones"

    @property
    def images(self) -> Path:
        """File that names the Python environments that stand for container images."""
        return self.aws / "images.json"

    @property
    def programs(self) -> Path:
        """Programs of images that contain the Pulumi engine. Pods run them as another user, so all may enter it."""
        return self.root / "programs"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME: plugins, credentials and workspaces of the engine."""
        return self.root / "pulumi"

    @property
    def state(self) -> Path:
        """Directory of Pulumi's file backend."""
        return self.root / "state"

    @property
    def stack_locks(self) -> Path:
        return self.state / ".pulumi" / "locks"

    @property
    def lock(self) -> Path:
        """Lock that is held while the sandbox is started, stopped or reset."""
        return self.root / "lifecycle.lock"

    @property
    def users(self) -> Path:
        """File with the user names of the Identity Center directory. A reset keeps them."""
        return self.root / "users.json"

    @property
    def kubernetes_marker(self) -> Path:
        """File that exists if clusters of EKS get control planes. A reset keeps it."""
        return self.root / "kubernetes"

    @property
    def nodes_marker(self) -> Path:
        """File that exists if clusters in Auto Mode get a node. A reset keeps it."""
        return self.root / "nodes"

    @property
    def states_marker(self) -> Path:
        """File that exists if Pulumi's states are in a bucket of the emulated S3. A reset keeps it."""
        return self.root / "states-in-s3"

    @property
    def image_parts(self) -> Path:
        """Folder of the parts of images that pods pull."""
        return self.aws / IMAGES_FOLDER

    @property
    def reset_marker(self) -> Path:
        """File that exists during a reset. If a reset is killed, the next command completes it."""
        return self.root / "resetting"
