"""Checks the answer to a read against the known facts about its run.

The client already compares the id. The model's name cannot be compared: for `meta/llama-2-70b-chat`, the official API
answers `replicate/lifeboat-70b`.
"""

import re

from bot.provider.wire import ProviderPrediction, RunStatus

_VERSION = re.compile(r"[0-9a-f]{64}")
"""A full version id. Answers may also say `hidden` or `dp-…`, which says nothing about the version."""


def objection_to(found: ProviderPrediction, *, version: str | None, started: bool) -> str | None:
    """Return the reason why an answer must be wrong; None if it may be right.

    `version` is the version that was requested, if any, and `started` is whether an earlier read showed that the run
    had started. A gateway that spreads reads over several upstream accounts may answer with an older state.
    """
    if started and found.status is RunStatus.STARTING:
        return "the run goes back to starting"
    asked, answered = _full(version), _full(found.version)
    if asked and answered and asked != answered:
        return f"the version is {answered[:12]}… instead of {asked[:12]}…"
    return None


def _full(version: str | None) -> str | None:
    """Return the 64-digit hex id in a version, which may be given as `owner/name:id`."""
    name = (version or "")[-64:]
    return name if _VERSION.fullmatch(name) else None
