import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_PARAMETERS = 8

# The bot and the sandbox describe the same world twice, independently of each other, so they may use the same names.
MET_TOGETHER = [("bot", "cogs"), ("sandbox",)]
MAY_SHARE_A_NAME = {
    ("bot", "cogs"): {
        "connection": "each driver of a database has one",
        "driver": "each driver of a database has one",
        "schema": "each driver of a database has one",
        "options": "a command's options fill the options of an order",
        "preferences": "the cog is named after its commands",
        "recipe": "the cog is named after its command",
        "svg": "the cog is named after its command",
    },
    ("sandbox",): {"server": "Discord and the provider are started in the same way"},
}
"""Modules with the same name, and the reason why that misleads nobody."""


HOLDS_FILES_IN_MEMORY = {
    "bot/chat/cards/card.py": "a chart or a table that was made for one message",
    "bot/chat/credits/reconcile_reply.py": "an invoice, of limited size",
    "bot/chat/credits/statement_pictures.py": "a chart",
    "bot/chat/delivery/thumbnails.py": "pictures of 256 pixels",
    "bot/chat/delivery/packing.py": "a file of at most 512 KiB",
    "bot/cli/demo/stage.py": "the demo saves what it shows",
    "bot/media/data_urls.py": "a file of at most 256 kB",
    "bot/privacy/exports.py": "the texts of an export",
    "bot/storage/secret_key.py": "a key",
}
"""Modules of the bot's process that read a whole file or make one in memory, with the reason why it is small."""


def test_imports_point_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_command_line_imports_the_sandbox():
    named = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(?:from|import) sandbox\b", path.read_text(), re.MULTILINE)
    }
    assert named == {"bot/cli/arguments.py", "bot/cli/sandbox_postgres.py"}


def test_decoders_are_imported_only_by_the_code_of_workers():
    decoder = re.compile(r"^\s*(?:from|import) (?:PIL|av|resvg_py)\b", re.MULTILINE)
    found = {
        path.relative_to(ROOT).parent.as_posix()
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        if decoder.search(path.read_text())
    }
    assert found <= {"bot/media/decoding", "bot/media/provenance"}


def test_charts_are_drawn_only_by_the_code_of_workers():
    drawing = re.compile(r"^\s*(?:from|import) (?:matplotlib|numpy|bot\.media\.charts)\b", re.MULTILINE)
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        if drawing.search(path.read_text())
    }
    assert found == {"bot/media/charts/statement_chart.py", "bot/media/decoding/operations.py"}


def test_files_that_may_be_large_are_never_in_memory():
    whole = re.compile(r"read_bytes\b|\.read\(\)|BytesIO\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        if path.relative_to(ROOT).parent.as_posix() not in {"bot/media/decoding", "bot/media/provenance"}  # workers
        if whole.search(path.read_text())
    }
    assert found == HOLDS_FILES_IN_MEMORY.keys()


def modules_in(*folders: str) -> Iterator[Path]:
    yield from (path for folder in folders for path in (ROOT / folder).rglob("*.py") if not path.stem.startswith("__"))


def repeated(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


@pytest.mark.parametrize("folders", MET_TOGETHER, ids=" and ".join)
def test_modules_in_neighbouring_packages_have_different_names(folders):
    found = repeated(path.stem for path in modules_in(*folders))
    assert found == MAY_SHARE_A_NAME[folders].keys()


@pytest.mark.parametrize("folders", MET_TOGETHER, ids=" and ".join)
def test_public_classes_in_neighbouring_packages_have_different_names(folders):
    found = repeated(
        node.name
        for path in modules_in(*folders)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert found == set()


def test_every_package_docstring_says_what_belongs_there():
    rooms = [path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("__init__.py")]
    assert [room for room in rooms if len(ast.get_docstring(ast.parse(room.read_text())) or "") < 40] == []


def test_constructors_have_at_most_eight_parameters():
    crowded = {
        f"{path.relative_to(ROOT)}:{function.lineno}"
        for folder in ("bot", "cogs", "sandbox")
        for path in (ROOT / folder).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        if len(function.args.posonlyargs + function.args.args + function.args.kwonlyargs) > 1 + MOST_PARAMETERS
    }
    assert crowded == set()
