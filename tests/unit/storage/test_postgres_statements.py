"""Tests that PostgreSQL accepts every statement that is a constant in the code, including those that few tests run.

SQLite accepts more: an alias in an expression of ORDER BY, a number as a condition, a column that is not grouped.
"""

import ast
import importlib
import re
from itertools import islice, product
from pathlib import Path

import asyncpg

from bot.storage.postgres.connection import connect

BOT = Path(__file__).parents[3] / "bot"
TYPES = ("bigint", "text")
MOST_TRIED = 300


def statements():
    """Yield the place and the text of each constant statement. Those made from local values are left out."""
    for path in sorted(BOT.rglob("*.py")):
        text = path.read_text()
        if "storage" in path.parts or not ("Statement(" in text or "select_in(" in text):
            continue
        names = vars(importlib.import_module(".".join(path.relative_to(BOT.parent).with_suffix("").parts)))
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in {"Statement", "select_in"}:
                try:
                    sql = eval(compile(ast.Expression(node.args[0]), str(path), "eval"), names)
                except NameError:
                    continue
                yield f"{path.name}:{node.lineno}", sql


async def test_every_constant_statement_is_accepted(postgresql_url):
    connection = await connect(postgresql_url)
    refused, known = [], list(statements())
    for place, sql in known:
        if error := await refusal(connection, sql):
            refused.append((place, error))
    await connection.close()
    assert refused == []
    assert len(known) > 300


async def refusal(connection, sql):
    """Return why the server refuses a statement, whatever the types of its values are; None if it does not."""
    numbers = sorted(set(re.findall(r"\$(\d+)", sql)), key=int)
    sql, first = sql.replace("{keys}", f"${len(numbers) + 1}"), None
    for types in (None, *islice(product(TYPES, repeat=len(numbers)), MOST_TRIED)):
        kinds = dict(zip(numbers, types or (), strict=bool(types)))
        try:
            await connection.prepare(_typed(sql, kinds))
        except asyncpg.PostgresError as error:
            first = first or str(error)
        else:
            return None
    return first


def _typed(sql, kinds):
    return re.sub(r"\$(\d+)", lambda found: f"{found[0]}::{kinds[found[1]]}" if kinds else found[0], sql)
