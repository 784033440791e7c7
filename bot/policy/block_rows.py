"""The table `member_block`: members who may not order anything for now."""

from typing import cast

from bot.policy.policy_records import Block
from bot.storage.operation import Operation, Row, Statement


def put(guild: int, block: Block) -> Operation[Block | None]:
    """Block a member, or change their block; return the earlier one."""
    earlier = yield from of_member(guild, block.member)
    yield Statement(
        "INSERT INTO member_block (guild, member, reason, until_ms, case_number) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (guild, member) DO UPDATE SET reason = $3, until_ms = $4, case_number = $5",
        *(guild, block.member, block.reason, block.until_ms, block.case),
    )
    return earlier


def lift(guild: int, member: int) -> Operation[Block | None]:
    """End a member's block and return it; None if there was none."""
    earlier = yield from of_member(guild, member)
    yield Statement("DELETE FROM member_block WHERE guild = $1 AND member = $2", guild, member)
    return earlier


def of_member(guild: int, member: int) -> Operation[Block | None]:
    """Return a member's block, which may have ended; None if there is none."""
    rows = yield Statement(
        "SELECT member, reason, until_ms, case_number FROM member_block WHERE guild = $1 AND member = $2", guild, member
    )
    return _block(rows[0]) if rows else None


def of_guild(guild: int) -> Operation[dict[int, Block]]:
    """Return all blocks of a guild by their member."""
    rows = yield Statement("SELECT member, reason, until_ms, case_number FROM member_block WHERE guild = $1", guild)
    return {block.member: block for block in map(_block, rows)}


def _block(row: Row) -> Block:
    return Block(*cast("tuple[int, str, int | None, int]", tuple(row)))
