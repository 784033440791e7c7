"""Coverage-guided fuzzing of the decoding code with atheris (extra `fuzz`); `make fuzz-guided` runs it.

    python -m tests.fuzz.guided FOLDER [libFuzzer options, such as -max_total_time=600]

Everything runs in this one process, without a worker: the first native crash ends it, and libFuzzer saves the file that
caused it. Exceptions other than UnusableFile do not end it; their files are saved in FOLDER/found.
"""

import hashlib
import sys
import traceback
import warnings
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource] - an extra

with atheris.instrument_imports(  # pyright: ignore[reportAttributeAccessIssue] - an extra
    include=["bot.media", "bot.filetype", "PIL"]
):
    from bot.errors import UnusableFile
    from bot.media.decoding.operations import OPERATIONS
from tests.fuzz.seeds import write_seeds

MARK = {"model": "a/model", "job": "01JFUZZ", "short_id": "K7QF-2M"}
CAPS = {"size": 1 << 20, "pixels": 1_000_000, "seconds": 60}


def target(folder: Path, data: bytes) -> None:
    """Process one file as the bot would, but in this process."""
    path, into = folder / "file", folder / "made"
    path.write_bytes(data)
    for name, arguments in (
        ("inspect", {"caps": CAPS}),
        ("label", {"mark": MARK}),
        ("preview", {"into": str(into)}),
        ("upright", {"into": str(into)}),
        ("repair", {"into": str(into)}),
        ("to_fit", {"into": str(into), "max_bytes": max(200, len(data) // 2), "smallest": 0.25}),
    ):
        try:
            OPERATIONS[name](str(path), **arguments)
        except UnusableFile:
            if name == "inspect":
                return
        except Exception:
            _keep(folder / "found", name, data)


def _keep(folder: Path, operation: str, data: bytes) -> None:
    trace = traceback.format_exc()
    folder.mkdir(exist_ok=True)
    place = folder / hashlib.sha256("".join(trace.splitlines()[-3:]).encode()).hexdigest()[:12]
    if not place.exists():
        place.write_bytes(data)
        place.with_suffix(".txt").write_text(f"{operation}\n{trace}", encoding="utf-8")


def main() -> None:
    """Fuzz with the corpus in the folder, which starts with a small file of each kind."""
    folder = Path(sys.argv[1])
    corpus = folder / "corpus"
    warnings.simplefilter("ignore")
    write_seeds(corpus)
    atheris.Setup([sys.argv[0], str(corpus), *sys.argv[2:]], lambda data: target(folder, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
