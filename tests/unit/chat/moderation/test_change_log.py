"""The log of changes shows what people can read: mentions, times and credits, and nothing that is not set."""

import pytest

from bot.chat.moderation.change_log import state_text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (None, "none"),
        ({}, "none"),
        ({"log_channel": None}, "none"),
        ({"log_channel": 55}, "log_channel: <#55>"),
        (
            {"member": "77", "reason": "spam", "job": None, "until_ms": 1_796_031_373_373, "refunded_mcr": 0},
            "member: <@77>, reason: spam, until: <t:1796031373:R>",
        ),
        (
            {"member": "77", "reason": "", "job": "K7QF-2M", "refunded_mcr": 75_500},
            "member: <@77>, job: K7QF-2M, refunded: 75.5",
        ),
        (
            {"effect": "deny", "scope": "role", "subject": 88, "ceiling_mcr": 2_000},
            "effect: deny, scope: role, subject: <@&88>, ceiling: 2",
        ),
        ({"scope": "category", "subject": "99"}, "scope: category, subject: <#99>"),
        ({"scope": "model", "subject": "google/veo-3"}, "scope: model, subject: google/veo-3"),
        (
            {"kind": "day", "scope": "server", "amount": 2_000_000, "shared": False},
            "kind: day, scope: server, amount: 2,000, shared: False",
        ),
        ({"kind": "concurrent", "amount": 3}, "kind: concurrent, amount: 3"),
        ({"reason": "<@1> *all*"}, "reason: \\<\u200b@\u200b1> \\*all\\*"),
    ],
)
def test_state_is_readable(state, text):
    assert state_text(state) == text
