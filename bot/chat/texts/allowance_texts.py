"""Describes the credits that allowances gave or will give."""

from collections.abc import Iterable

from bot.chat.texts.texts import Speech
from bot.funding.allowances import Share
from bot.money import show


def shares_said(shares: Iterable[Share], say: Speech, *, drawn: bool) -> list[str]:
    """Return a line for each share, even if it gave no credits; `drawn` says whether the credits are in the balance."""
    return [_said(share, say, drawn=drawn) for share in shares if share.wanted_mcr]


def _said(share: Share, say: Speech, *, drawn: bool) -> str:
    if not share.given_mcr:
        return say("allowance-waits", wanted=show(share.wanted_mcr))
    kind = "short" if share.is_short else "all"
    facts = {"given": show(share.given_mcr), "wanted": show(share.wanted_mcr), "kind": kind}
    return say("allowance-drawn" if drawn else "allowance-due", **facts)
