"""Entry point of the `easel` command, which is the same as `python -m bot`."""

import os
import signal
import sys
from pathlib import Path

WITHOUT_DOCSTRINGS = 2


def main() -> None:
    """Run the command line.

    Until a command runs, Ctrl-C ends the process at once without a traceback; commands that open something install
    their own signal handlers.
    """
    if sys.flags.optimize >= WITHOUT_DOCSTRINGS:
        # discord.py and click read the descriptions of commands from docstrings, which this level removes: commands
        # would be registered without them. The level below removes assertions only.
        # Unless the working directory was on the path before, `-P` keeps it off, so that its modules are not imported.
        path = [] if sys.path[0] in {"", str(Path.cwd())} else ["-P"]
        arguments = [sys.executable, "-O", *path, "-m", "bot", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, "PYTHONOPTIMIZE": "1"})  # noqa: S606 - no shell is wanted
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.cli import arguments  # noqa: PLC0415 - see above

    arguments.main()


if __name__ == "__main__":
    main()
