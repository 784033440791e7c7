import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_PARAMETERS = 8


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
    assert named == {"bot/cli/arguments.py"}


def test_decoders_are_imported_only_by_the_code_of_workers():
    decoder = re.compile(r"^\s*(?:from|import) (?:PIL|av|resvg_py)\b", re.MULTILINE)
    found = {
        path.relative_to(ROOT).parent.as_posix()
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        if decoder.search(path.read_text())
    }
    assert found <= {"bot/media/decoding", "bot/media/provenance"}


def test_module_names_of_the_bot_are_unique():
    names = Counter(path.stem for path in (ROOT / "bot").rglob("*.py") if path.stem != "__init__")
    assert [name for name, count in names.items() if count > 1] == []


def test_public_class_names_of_the_bot_are_unique():
    names = Counter(
        node.name
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_package_docstring_says_what_belongs_there():
    rooms = [path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("__init__.py")]
    assert [room for room in rooms if len(ast.get_docstring(ast.parse(room.read_text())) or "") < 40] == []


def test_constructors_of_the_bot_have_at_most_eight_parameters():
    crowded = {
        f"{path.relative_to(ROOT)}:{function.lineno}"
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        if len(function.args.posonlyargs + function.args.args + function.args.kwonlyargs) > 1 + MOST_PARAMETERS
    }
    assert crowded == set()
