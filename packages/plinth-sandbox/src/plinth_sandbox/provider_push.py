"""``python -m plinth_sandbox.provider_push DIRECTORY``: the hook ``post-receive`` of a provider's repository.

It tells the sandbox which references a push has changed (githooks(5)). A push succeeds whether the sandbox runs or not,
as at a provider whose webhook is not answered.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

import click

from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.process import PROVIDER_PATH, running


def main(directory: Path) -> None:
    changes = [line.split() for line in sys.stdin]
    record = running(directory)
    if record is None:
        click.echo(f"The sandbox in {directory.parent} is not running, so no build starts.", err=True)
        return
    body = json.dumps({"repository": str(Path.cwd()), "changes": changes}).encode()
    owner = {"Authorization": f"Bearer {management_secret(directory)}"}
    # The emulator runs on this machine, so proxies from the environment do not apply.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(urllib.request.Request(record.url + PROVIDER_PATH, body, owner), timeout=600).close()
    except OSError as error:
        click.echo(f"The sandbox did not take the push: {error}", err=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
