"""Tests that Easel and the sandbox's Discord, which share no code, agree on who cannot see a command."""

import random
from collections import Counter

from bot.chat.discord.command_permissions import HiddenBy, Viewer, hidden_by
from sandbox.discord.rules.commands import overwritten_for

GUILD, MEMBERS, ROLES, CHANNELS = 1_001, (2_001, 2_002), (1_001, 3_001, 3_002), (1_000, 5_001, 5_002)
ROLE, USER, CHANNEL = 1, 2, 3
SETS = 2_000


def some(chance):
    """Return permissions for about three of the subjects, in no particular order."""
    subjects = [
        *((ROLE, one) for one in ROLES),
        *((USER, one) for one in MEMBERS),
        *((CHANNEL, one) for one in CHANNELS),
    ]
    chosen = [one for one in subjects if chance.random() < 0.4]
    chance.shuffle(chosen)
    return [{"id": str(one), "type": kind, "permission": chance.random() < 0.5} for kind, one in chosen]


def test_hidden_commands_agree_with_discord_for_generated_permissions():
    chance, found = random.Random(12), Counter[HiddenBy | None]()
    for _ in range(SETS):
        own, general = some(chance), some(chance) if chance.random() < 0.5 else []
        roles = frozenset({GUILD, *chance.sample(ROLES[1:], chance.randint(0, 2))})
        viewer = Viewer(GUILD, chance.choice(MEMBERS), roles, chance.choice(CHANNELS[1:]))
        hides = hidden_by(viewer, own, general)
        shows = overwritten_for(
            [*general, *own],
            guild_id=GUILD,
            user_id=viewer.member,
            role_ids=viewer.roles,
            channel_id=viewer.channel,
        )
        assert (hides is not None) == (shows is False), (viewer, own, general)
        found[hides] += 1
    assert set(found) == {None, *HiddenBy} - {HiddenBy.PERMISSION}
    assert min(found.values()) > SETS / 40


def test_permissions_in_an_unknown_form_hide_nothing():
    viewer = Viewer(GUILD, MEMBERS[0], frozenset({GUILD}), CHANNELS[1])
    odd = [{}, {"id": 7, "type": "2", "permission": False}, {"id": "5001", "type": 9, "permission": False}]
    assert hidden_by(viewer, odd, ()) is None
