"""Runs the command line in a fork of a process that has loaded everything, which saves most of the startup time."""

import contextlib
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Self

from bot.__main__ import main
from tests.fork_server import SERVER

ERRORS = "errors.txt"


class ForkedCommand:
    """A process like `subprocess.Popen`: its output arrives in `stdout`, its errors in FOLDER/errors.txt."""

    def __init__(self, folder: Path, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self._errors = folder / ERRORS
        self._errors.write_text("")
        reader, writer = SERVER.Pipe(duplex=False)
        self._process = SERVER.Process(target=_run, args=(folder, words, environment, writer), daemon=False)
        self._process.start()
        writer.close()  # so that the pipe ends with the process
        self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.join()
        self.stdout.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, name: Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, name)

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.send_signal(SIGKILL)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait until the process has ended, and return the rest of its output and its errors."""
        output = self.stdout.read()
        self._process.join(timeout)
        return output, self._errors.read_text()


def _run(folder: Path, words: tuple[str, ...], environment: dict[str, str], output: Connection) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with (folder / ERRORS).open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    os.dup2(output.fileno(), 1)
    output.close()
    sys.stdout, sys.stderr = (os.fdopen(number, "w", 1, closefd=False) for number in (1, 2))
    sys.argv = ["easel", *words]
    main()
