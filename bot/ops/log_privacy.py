"""Removal of secrets and private texts from all log records, including those of libraries.

discord.py logs whole payloads at DEBUG, with interaction tokens, prompts and the cards that show them. Anyone with an
interaction's token can write in the bot's name for 15 minutes.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import cast

from structlog.typing import EventDict, WrappedLogger

HIDDEN = "(hidden)"
SHORTEST = 6
"""Shorter values are not treated as secrets, because hiding them would mangle ordinary words."""

SECRET_NAMES = frozenset({"token", "key", "authorization", "secret", "password", "prompt"})
"""Fields whose values are never logged. Prompts are private: they are stored in the database, not in logs."""

LIBRARIES = ("discord", "aiohttp", "asyncio")
"""Loggers of libraries that handle what members and Discord send."""

_HARMLESS = re.compile(r"[\w./:+-]{0,300}")
"""Arguments of libraries that may be logged: names, paths, ids. A payload has quotes, spaces or braces."""

_TOKENS = (
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[^\s/?\"'@>]+"), rf"\1{HIDDEN}"),
    # The start of every interaction token: "interaction:" in base64.
    (re.compile(r"aW50ZXJhY3Rpb246[\w=-]*"), HIDDEN),
    (re.compile(r"(\b(?:Bot|Bearer) )[\w.-]{20,}"), rf"\1{HIDDEN}"),
    (
        re.compile(r"(\\?[\"'](?:token|prompt)\\?[\"']\s*:\s*)(\\?\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"),
        rf"\1{HIDDEN}",
    ),
    # The keys of the provider's webhooks.
    (re.compile(r"whsec_[\w+/=-]+"), HIDDEN),
    # The password in the address of a database.
    (re.compile(r"(\bpostgres(?:ql)?://[^\s:/@]*:)[^\s@]+(?=@)"), rf"\1{HIDDEN}"),
    # The signatures of links to files, both Discord's and Easel's own.
    (re.compile(r"([?&]hm=)[\w-]+"), rf"\1{HIDDEN}"),
)
_QUOTED = re.compile(r"(?<!name=)b?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")


class Redactor:
    """A structlog processor that hides secrets: known ones, tokens by their format, and fields with secret names."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Return the record with its secrets hidden."""
        from_asyncio = event.get("logger") == "asyncio"
        clean = {name: HIDDEN if name.lower() in SECRET_NAMES else self._clean(value) for name, value in event.items()}
        if from_asyncio and isinstance(clean.get("event"), str):
            # In debug mode asyncio shows the arguments of slow callbacks, such as the bytes that a socket received.
            clean["event"] = _QUOTED.sub("'…'", cast("str", clean["event"]))
        return clean

    def _clean(self, value: object) -> object:
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {name: HIDDEN if str(name).lower() in SECRET_NAMES else self._clean(inner) for name, inner in items}
        if isinstance(value, list | tuple):
            return [self._clean(inner) for inner in cast("Sequence[object]", value)]
        if isinstance(value, int | float | None):
            return value
        text = value if isinstance(value, str) else str(value)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, hidden in _TOKENS:
            text = pattern.sub(hidden, text)
        return text


def without_payloads(record: logging.LogRecord) -> logging.LogRecord:
    """Return a record in which the arguments that are payloads are replaced by their kind and size.

    Only records of libraries are changed: Easel's own never contain one.
    """
    if record.name.partition(".")[0] not in LIBRARIES or not record.args:
        return record
    clean = logging.makeLogRecord(record.__dict__)
    if isinstance(record.args, Mapping):
        clean.args = {name: _harmless(value) for name, value in record.args.items()}
    else:
        clean.args = tuple(_harmless(value) for value in record.args)
    return clean


def _harmless(value: object) -> object:
    if isinstance(value, str | bytes):
        if isinstance(value, str) and _HARMLESS.fullmatch(value):
            return value
        return f"({type(value).__name__} of {len(value)} characters)"
    if isinstance(value, Mapping | list | tuple | set):
        kind = type(cast("object", value)).__name__
        return f"({kind} of {len(cast('Sequence[object]', value))} entries)"
    return value
