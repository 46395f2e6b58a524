"""Names for the builds of the platform's image in the tooling account: project, repository, branch and variable."""

from __future__ import annotations

PROJECT = "plinth-images"
"""Name of the build project. Roles, rules and policies know it."""
REPOSITORY = "plinth-program"
"""Name of the CodeCommit repository with the program."""
BRANCH = "main"
"""Branch of the repository whose pushes start builds."""
TAG_VARIABLE = "TAG"
"""Environment variable with the tag of the image, which is the commit."""
