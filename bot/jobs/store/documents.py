"""How structured values stand in a column: JSON text."""

import json
from collections.abc import Mapping
from typing import cast

from bot.errors import Fact, Failure
from bot.storage.operation import SqlValue


def failure_values(failure: Failure | None) -> tuple[str | None, str | None]:
    """A failure as the two columns `failure_key` and `failure_facts`."""
    if failure is None:
        return None, None
    return failure.key, json.dumps(dict(failure.facts), sort_keys=True)


def failure_of(key: SqlValue, facts: SqlValue) -> Failure | None:
    """The failure in these two columns."""
    if key is None:
        return None
    return Failure(cast("str", key), cast("Mapping[str, Fact]", json.loads(cast("str", facts))))


def outputs_text(outputs: tuple[str, ...]) -> str:
    """A prediction's output links as one column."""
    return json.dumps(outputs)


def outputs_of(text: SqlValue) -> tuple[str, ...]:
    """The output links in that column."""
    return tuple(cast("list[str]", json.loads(cast("str", text))))
