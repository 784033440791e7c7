"""The program of one worker process: reads one request per line from standard input and answers each with one line.

    python -m bot.media.workers.child PARENT_PID

Files are given by path and never travel through the pipe. A request is {"operation", "cpu_s", "arguments"}; an answer
is {"result"}, {"refused": facts of UnusableFile} or {"fault": a traceback, "memory": whether memory ran out}. The
worker ends when its input ends or its parent dies.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from bot.errors import UnusableFile
from bot.media.decoding.operations import OPERATIONS
from bot.media.workers.operation_limits import MEMORY_BYTES, OPEN_FILES, OUTPUT_BYTES

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process receives when its parent ends."""

FIRST_TO_GO = "1000"
"""proc(5), oom_score_adj: if memory runs out, the kernel ends a worker and not the bot."""


def main() -> None:
    """Serve requests until the input ends."""
    _end_with_parent(int(sys.argv[1]))
    _limit_resources()
    answers = _claim_output()
    _answer(answers, {"result": "ready"})
    for line in sys.stdin.buffer:
        _answer(answers, _serve(json.loads(line)))


def _serve(request: Mapping[str, object]) -> Mapping[str, object]:
    """Perform one operation; any exception becomes an answer."""
    try:
        _limit_cpu(cast("int", request["cpu_s"]))
        arguments = cast("Mapping[str, object]", request["arguments"])
        return {"result": OPERATIONS[cast("str", request["operation"])](**arguments)}
    except UnusableFile as error:
        return {"refused": dict(error.facts)}
    except MemoryError:
        return {"fault": "out of memory", "memory": True}
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a panic in the SVG renderer is not an Exception (pyo3's PanicException)
        return {"fault": traceback.format_exc()[-4_000:], "memory": False}


def _end_with_parent(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the call above
        sys.exit(0)


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    except OSError:  # a container may hide it; the limits above still apply
        return


def _limit_cpu(seconds: int) -> None:
    """Limit this process to this many more seconds of CPU time; beyond that, SIGXCPU ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _claim_output() -> IO[str]:
    """Reserve standard output for answers: output that a library prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _answer(answers: IO[str], answer: Mapping[str, object]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
