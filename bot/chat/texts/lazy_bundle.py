"""A Fluent bundle that parses each message when it is first used.

Parsing all texts of two languages took a third of the start-up time and 10 MiB, and most are never used.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.resolver import Message

_ENTRY = re.compile(r"^(-?[A-Za-z][\w-]*) *=", re.MULTILINE)
"""The beginning of a message or term: everything that belongs to it is indented (Fluent syntax 1.0)."""


class LazyBundle(FluentBundle):
    """A bundle to which sources are added instead of parsed resources."""

    def __init__(
        self, locales: Sequence[str], functions: dict[str, Callable[[Any], Any]], *, use_isolating: bool
    ) -> None:
        super().__init__(list(locales), functions, use_isolating)
        self._sources: dict[str, str] = {}

    def add_source(self, source: str) -> None:
        """Add the messages and terms of a source. If two have the same name, the first one counts, as in Fluent."""
        entries = list(_ENTRY.finditer(source))
        edges = pairwise([*(entry.start() for entry in entries), len(source)])
        for entry, (begin, end) in zip(entries, edges, strict=True):
            self._sources.setdefault(entry[1], source[begin:end])

    def has_message(self, message_id: str) -> bool:
        """Return whether there is a message with this name."""
        return message_id in self._sources

    def _lookup(self, entry_id: str, term: bool = False) -> Message:
        # The library calls this for each message, including those that other messages refer to.
        name = f"-{entry_id}" if term else entry_id
        if name not in self._compiled and name in self._sources:
            self.add_resource(FluentResource(self._sources[name]))
        return super()._lookup(entry_id, term)
