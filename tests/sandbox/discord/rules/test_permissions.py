"""Tests of the computation of permissions: examples from Discord's documentation, and general properties."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules import permissions
from sandbox.discord.rules.permissions import ALL, NONE, Permission, channel_permissions, guild_permissions

GUILD, ARTIST, MODERATOR, MIRA, THEO = 1, 2, 3, 100, 101
TALK = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.EMBED_LINKS | Permission.ATTACH_FILES


@dataclass
class Overwrite:
    id: int
    kind: int
    allow: int = 0
    deny: int = 0


def everyone(**bits: int) -> Overwrite:
    return Overwrite(GUILD, 0, **bits)


def role(number: int, **bits: int) -> Overwrite:
    return Overwrite(number, 0, **bits)


def person(number: int, **bits: int) -> Overwrite:
    return Overwrite(number, 1, **bits)


def may(*overwrites: Overwrite, base: int = TALK, roles: tuple[int, ...] = (ARTIST,), **more: bool) -> Permission:
    of_roles = {GUILD: base, ARTIST: 0, MODERATOR: int(Permission.MANAGE_MESSAGES)}
    return channel_permissions(
        guild_id=GUILD, user_id=MIRA, role_ids=roles, roles=of_roles, overwrites=overwrites, **more
    )


def test_permissions_of_roles_are_combined() -> None:
    assert may(roles=(ARTIST, MODERATOR)) == TALK | Permission.MANAGE_MESSAGES


def test_everyone_overwrite_can_deny() -> None:
    assert may(everyone(deny=Permission.SEND_MESSAGES)) == Permission.VIEW_CHANNEL


def test_role_overwrite_wins_over_the_everyone_overwrite() -> None:
    closed = everyone(deny=Permission.VIEW_CHANNEL)
    assert may(closed) == NONE
    assert may(closed, role(ARTIST, allow=Permission.VIEW_CHANNEL)) == TALK


def test_allowing_role_wins_over_a_denying_role() -> None:
    overwrites = (role(ARTIST, deny=Permission.VIEW_CHANNEL), role(MODERATOR, allow=Permission.VIEW_CHANNEL))
    assert may(*overwrites, roles=(ARTIST, MODERATOR)) & Permission.VIEW_CHANNEL
    assert may(*reversed(overwrites), roles=(ARTIST, MODERATOR)) & Permission.VIEW_CHANNEL


def test_member_overwrite_wins_over_all() -> None:
    own = person(MIRA, deny=Permission.VIEW_CHANNEL)
    assert may(own, role(ARTIST, allow=Permission.VIEW_CHANNEL)) == NONE


def test_overwrites_of_other_members_are_ignored() -> None:
    assert may(person(THEO, deny=int(ALL)), role(MODERATOR, deny=int(ALL))) == TALK


def test_member_overwrite_does_not_apply_to_a_role_with_the_same_id() -> None:
    assert may(Overwrite(ARTIST, 1, deny=int(ALL))) == TALK


def test_administrators_and_the_owner_have_all_permissions() -> None:
    closed = everyone(deny=int(ALL))
    assert may(closed, base=int(Permission.ADMINISTRATOR)) == ALL
    assert may(closed, owner=True) == ALL
    assert may(closed, owner=True, timed_out=True) == ALL


def test_overwrite_cannot_grant_administrator() -> None:
    bits = may(everyone(deny=Permission.VIEW_CHANNEL), person(MIRA, allow=Permission.SEND_MESSAGES))
    assert bits == NONE


def test_losing_view_channel_removes_all_permissions() -> None:
    assert may(base=int(TALK & ~Permission.VIEW_CHANNEL)) == NONE


@pytest.mark.parametrize("needed", [one for one in Permission if one & permissions.NEEDS_SENDING])
def test_losing_send_messages_also_removes_embeds_files_and_mentions(needed: Permission) -> None:
    base = Permission.VIEW_CHANNEL | needed
    assert not may(base=int(base)) & needed
    assert may(base=int(base | Permission.SEND_MESSAGES)) & needed


def test_thread_uses_send_messages_in_threads() -> None:
    in_threads = Permission.SEND_MESSAGES_IN_THREADS
    assert not may(thread=True) & Permission.ATTACH_FILES
    assert may(thread=True, base=int(TALK | in_threads)) & Permission.ATTACH_FILES
    without = TALK & ~Permission.SEND_MESSAGES | in_threads
    assert permissions.may_send(may(thread=True, base=int(without)), thread=True)
    assert not permissions.may_send(may(base=int(without)))


def test_timed_out_member_can_only_read() -> None:
    base = TALK | Permission.READ_MESSAGE_HISTORY | Permission.MANAGE_MESSAGES
    left = may(base=int(base), timed_out=True)
    assert left == Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def test_unknown_bits_are_ignored() -> None:
    assert guild_permissions(guild_id=GUILD, role_ids=(), roles={GUILD: 1 << 60 | 1}, owner=False) == Permission(1)


def test_bot_can_write_and_attach_in_direct_messages() -> None:
    assert permissions.may_send(permissions.IN_A_DM)
    assert permissions.IN_A_DM & Permission.ATTACH_FILES
    assert not permissions.IN_A_DM & Permission.MANAGE_MESSAGES


bits = st.integers(0, int(ALL))
harmless = bits.map(lambda value: value & ~int(Permission.ADMINISTRATOR))
overwrites = st.lists(
    st.builds(
        Overwrite,
        id=st.sampled_from([GUILD, ARTIST, MODERATOR, MIRA]),
        kind=st.sampled_from([0, 1]),
        allow=bits,
        deny=bits,
    ),
    max_size=5,
    unique_by=lambda one: (one.id, one.kind),
)


@given(base=harmless, layers=overwrites, thread=st.booleans(), timed_out=st.booleans())
def test_permissions_never_exceed_those_without_view_channel(
    base: int, layers: list[Overwrite], thread: bool, timed_out: bool
) -> None:
    result = may(*layers, base=base, thread=thread, timed_out=timed_out)
    if not result & Permission.VIEW_CHANNEL:
        assert result == NONE


@given(base=harmless, layers=overwrites)
def test_order_of_overwrites_does_not_matter(base: int, layers: list[Overwrite]) -> None:
    assert may(*layers, base=base) == may(*reversed(layers), base=base)


@given(base=harmless, layers=overwrites)
def test_timeout_never_adds_permissions(base: int, layers: list[Overwrite]) -> None:
    free, held = may(*layers, base=base), may(*layers, base=base, timed_out=True)
    if not free & Permission.ADMINISTRATOR:
        assert held & ~free == NONE


@given(base=harmless, denied=harmless)
def test_member_never_has_a_denied_permission(base: int, denied: int) -> None:
    assert not may(person(MIRA, deny=denied), base=base) & denied
