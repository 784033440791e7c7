import re
from pathlib import Path

import discord
import pytest

from bot import permissions
from bot.permissions import INVITATION_BITS, TO_INVITE, TO_SHOW_A_RESULT, TO_SHOW_IN_A_THREAD, missing

INVITATIONS = ("README.md", "docs/operators.md")


@pytest.mark.parametrize("page", INVITATIONS)
def test_documented_invitation_requests_the_needed_permissions(page):
    numbers = re.findall(r"&permissions=(\d+)", (Path(__file__).parents[2] / page).read_text())
    assert numbers == [str(INVITATION_BITS)]


@pytest.mark.parametrize("needed", TO_INVITE, ids=lambda needed: needed.name)
def test_permission_names_and_bits_equal_discords(needed):
    assert getattr(discord.Permissions(needed.bits), needed.name.replace("-", "_"))
    assert needed.bits.bit_count() == 1


def test_invitation_grants_all_that_a_result_needs():
    assert missing(TO_SHOW_A_RESULT, INVITATION_BITS) == ()


@pytest.mark.parametrize(
    ("place", "name", "bits"),
    [
        (TO_SHOW_A_RESULT, "send-messages", permissions.SEND_MESSAGES),
        (TO_SHOW_IN_A_THREAD, "send-messages-in-threads", permissions.SEND_MESSAGES_IN_THREADS),
    ],
)
def test_permission_to_send_that_applies_in_the_place_is_listed_first(place, name, bits):
    # Discord denies these too if messages may not be sent.
    implied = permissions.EMBED_LINKS | permissions.ATTACH_FILES
    assert missing(place, INVITATION_BITS & ~bits & ~implied)[0] == name
    assert missing(place, INVITATION_BITS) == ()


def test_missing_permissions_are_listed_in_order():
    granted = permissions.SEND_MESSAGES | permissions.EMBED_LINKS
    assert missing(TO_SHOW_A_RESULT, granted) == ("view-channel", "attach-files")


def test_administrator_has_every_needed_permission():
    assert missing(TO_INVITE, permissions.ADMINISTRATOR) == ()
