"""``python -m plinth_sandbox``: the same commands as ``plinth sandbox``."""

from plinth_sandbox.command import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m plinth_sandbox")
