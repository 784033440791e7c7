"""Converts structured values to and from JSON text in columns."""

import json
import logging
from collections.abc import Mapping
from typing import cast

from bot.errors import Fact, Failure, InternalError
from bot.storage.operation import SqlValue

log = logging.getLogger(__name__)


def failure_values(failure: Failure | None) -> tuple[str | None, str | None]:
    """Return the values of the columns `failure_key` and `failure_facts`."""
    if failure is None:
        return None, None
    return failure.key, json.dumps(dict(failure.facts), sort_keys=True)


def failure_of(key: SqlValue, facts: SqlValue) -> Failure | None:
    """Return the failure in these two columns, or None. Facts that cannot be read make it an internal error."""
    if key is None:
        return None
    found = _read(facts)
    if not isinstance(found, dict):
        return InternalError(reference="E-RECORD").failure
    return Failure(cast("str", key), cast("Mapping[str, Fact]", found))


def outputs_text(outputs: tuple[str, ...]) -> str:
    """Return a prediction's output links as the value of one column."""
    return json.dumps(outputs)


def outputs_of(text: SqlValue) -> tuple[str, ...]:
    """Return the output links in that column; none if it cannot be read, so that its job can still end."""
    found = _read(text)
    return tuple(cast("list[str]", found)) if isinstance(found, list) else ()


def _read(text: SqlValue) -> object:
    try:
        return json.loads(cast("str", text))
    except (ValueError, TypeError, RecursionError) as error:
        log.error("a document in the database cannot be read: %s", error)  # noqa: TRY400 - the error says it all
        return None
