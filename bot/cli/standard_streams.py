"""Makes the standard streams usable if they are closed, cannot print a character, or are on a full disk."""

import contextlib
import io
import os
import sys

STREAMS = ("stdin", "stdout", "stderr")


def prepare() -> None:
    """Reopen closed standard streams, and print a substitute for characters that a stream cannot print.

    Otherwise the next file to be opened, such as the database, would get the number of a closed stream, and the output
    of any library would be written into it.
    """
    for descriptor, name in enumerate(STREAMS):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # a new file gets the lowest free number, which is this one
            setattr(sys, name, open(descriptor, "r+" if name == "stdin" else "w", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def finish(code: int) -> int:
    """Write buffered output, and return the exit code: 1 instead of 0 if it could not be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        if not code and not isinstance(error, BrokenPipeError):
            with contextlib.suppress(OSError):
                sys.stderr.write(f"easel: the output cannot be written: {error.strerror}\n")
        # Python flushes once more when it ends, and would report the same error with a traceback.
        _discard(sys.stdout.fileno())
        code = code or 1
    try:
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr.fileno())
    return code


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
