import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import structlog

from bot.cli import arguments
from bot.settings import Settings


@dataclass(frozen=True)
class Ended:
    """The exit code and output of a finished command."""

    code: int
    out: str
    err: str

    def refused(self, *words: str) -> bool:
        """Check for exit code 1, empty stdout, and one line on stderr that contains these words."""
        return self._failed(1, words)

    def wrong_usage(self, *words: str) -> bool:
        """Check for exit code 2, and otherwise for the same as `refused`."""
        return self._failed(2, words)

    def _failed(self, code: int, words: tuple[str, ...]) -> bool:
        assert (self.code, self.out) == (code, ""), self
        assert self.err.startswith("easel: ")
        assert self.err.count("\n") == 1, self.err
        assert [word for word in words if word not in self.err] == [], self.err
        return True


Easel = Callable[..., Ended]


@pytest.fixture
def _own_logging():
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def easel(monkeypatch, tmp_path, capsys, _own_logging) -> Easel:
    """Return a function that runs the command line in an empty folder; keyword arguments are its whole environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*words: str, **environment: str) -> Ended:
        capsys.readouterr()  # discard what the test itself has printed
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["easel", *words])
            for name, value in environment.items():
                here.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                arguments.main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return call
