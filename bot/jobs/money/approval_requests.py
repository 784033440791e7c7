"""Asks a guild's moderators about a new job: writes its approval row, and a log entry that shows what was ordered.

How long the job waits for them is a limit (`bot/jobs/limits.py`).
"""

from collections.abc import Sequence

from bot.catalogue.order import Order, texts_of
from bot.errors import Fact
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.jobs.records import ApprovalState
from bot.jobs.store import approval_rows
from bot.jobs.store.job_rows import NewJob
from bot.policy.approval_rules import approval_facts
from bot.policy.policy_records import ApprovalRule
from bot.storage.operation import Operation


def ask(new: NewJob, short_id: str, rules: Sequence[ApprovalRule]) -> Operation[None]:
    """Make a job that was just written wait for a moderator because of these rules."""
    origin, order = new.origin, new.order
    yield from approval_rows.ask(new.id, origin.guild, origin.member, [rule.number for rule in rules], new.at_ms)
    facts: dict[str, Fact] = {
        **approval_facts(rules[0]),
        "id": short_id,
        "member": str(origin.member),
        "channel": str(origin.channel),
        "model": order.model,
        "task": order.task.value,
        "price_mcr": new.plan.quote.milli_credits,
        "prompt": "\n".join(texts_of(order)),
        "files": len(order.files),
        "picture": _picture(order),
        "expires_at": new.approval_ms // 1_000,
        "state": ApprovalState.WAITING.value,
        "by": "0",
        "because": "",
    }
    yield from log_entries.write(origin.guild, LogKind.APPROVAL, new.id, facts, new.at_ms)


def _picture(order: Order) -> str:
    """Return Discord's link to the first picture that was attached; empty if there is none."""
    found = (file.url for file in order.files if file.url and (file.content_type or "").startswith("image/"))
    return next(found, "")
