"""Converts structured values to and from JSON text in columns."""

import json
from collections.abc import Mapping
from typing import cast

from bot.errors import Fact, Failure
from bot.storage.operation import SqlValue


def failure_values(failure: Failure | None) -> tuple[str | None, str | None]:
    """Return the values of the columns `failure_key` and `failure_facts`."""
    if failure is None:
        return None, None
    return failure.key, json.dumps(dict(failure.facts), sort_keys=True)


def failure_of(key: SqlValue, facts: SqlValue) -> Failure | None:
    """Return the failure in these two columns, or None."""
    if key is None:
        return None
    return Failure(cast("str", key), cast("Mapping[str, Fact]", json.loads(cast("str", facts))))


def outputs_text(outputs: tuple[str, ...]) -> str:
    """Return a prediction's output links as the value of one column."""
    return json.dumps(outputs)


def outputs_of(text: SqlValue) -> tuple[str, ...]:
    """Return the output links in that column."""
    return tuple(cast("list[str]", json.loads(cast("str", text))))
