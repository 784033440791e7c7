"""A world of jobs in which members can be erased, and rows about a member in every table that can have them."""

import pytest

from bot.funding.forgotten_guilds import GuildDigests
from bot.jobs.records import State
from bot.preferences.preferences import Preferences
from bot.privacy.departed_guilds import DepartedGuilds
from bot.privacy.erasures import DAY_MS, WAITS_DAYS, Erasures
from bot.storage.operation import Statement
from tests.unit.jobs.world import GUILD, OTHER, World, imagine

WHO = 1_234_567_890_123_456_789
"""A member whose id is as long as a real one, so that it can be searched for in files."""

SECRET = "a xylophone made of quince jelly"
"""Texts that must not be found afterwards."""

MOST_SHORT = 4
LEFT_DAYS = 30


class House:
    """A world, and the services that erase members and servers in it."""

    def __init__(self, world: World, folder) -> None:
        self.world = world
        self.folder = folder
        self.credited = 0
        self.preferences = Preferences(world.database, world.clock)
        self.digests = GuildDigests(b"k" * 32)
        self.erasures = self.rebuilt()
        self.departed = self.departures(LEFT_DAYS)

    def rebuilt(self) -> Erasures:
        world = self.world
        self.erasures = Erasures(world.database, world.store, world.policy, self.preferences, world.clock)
        return self.erasures

    def departures(self, days) -> DepartedGuilds:
        world = self.world
        return DepartedGuilds(
            world.database,
            world.store,
            world.policy,
            self.preferences,
            world.guilds,
            world.clock,
            self.digests,
            days,
        )

    async def credit(self, member=WHO, guild=GUILD, amount=10_000_000):
        self.credited += 1
        key = f"{guild}:{self.credited}"
        await self.world.ledger.mint(guild, amount, key=f"m:{key}", actor=1, reason="", at_ms=1)
        await self.world.ledger.allot(guild, member, amount, key=f"a:{key}", actor=1, reason=f"for {SECRET}", at_ms=1)

    async def result(self, prompt=SECRET, order=None, **origin):
        """Return the id of a job whose result was shown."""
        world = self.world
        job = await world.order(order or imagine(prompt), **({"member": WHO} | origin))
        for run in await world.running(job):
            world.provider.succeed(run)
        await world.reach(job, State.DONE)
        return job

    async def wait_days(self, days=WAITS_DAYS):
        """Make the requests older; advancing the clock would run the loops of jobs for each second of these days."""
        passed = round(days * DAY_MS)
        await self.write(
            ("UPDATE erasure SET due_ms = due_ms - $1", passed),
            ("UPDATE guild_departure SET left_ms = left_ms - $1", passed),
        )

    async def rows(self, sql, *values):
        def read():
            return (yield Statement(sql, *values))

        return await self.world.database.read(read)

    async def write(self, *statements):
        def run():
            for sql, *values in statements:
                yield Statement(sql, *values)

        await self.world.database.run(run)

    async def fill(self, job, member=WHO):
        """Write rows about a member, and by them, into every table that can have such rows."""
        await self.write(*rows_about(member, job, await self.result_of_other()))

    async def result_of_other(self):
        return await self.result("a cat", member=OTHER)

    def files(self):
        """Return the content of every file below the folder of the bot's data."""
        return {path: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def traces(self, member=WHO, words=SECRET):
        """Return the places that contain the id (in any form in which SQLite stores it) or the words."""
        long_words = [word.encode() for word in words.split() if len(word) > MOST_SHORT]
        needles = (str(member).encode(), member.to_bytes(8, "big"), varint(member), *long_words)
        return [(path.name, needle) for path, data in self.files().items() for needle in needles if needle in data]


def varint(number):
    """Return a number as SQLite writes the key of a row."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


CASE = "INSERT INTO moderation_case (guild, number, kind, reason, actor, member, at_ms, message, told) VALUES "
ENTRY = "INSERT INTO log_entry (id, guild, kind, subject, facts, state, at_ms) VALUES "
AUDIT = "INSERT INTO audit (guild, actor, action, subject, before, after, at_ms) VALUES "
SEARCH = (
    "INSERT INTO job_search (guild, member, words, model, task, favourites, at_ms) VALUES (1001, $1, $2, '', '', 0, 5)"
)
RULE = "INSERT INTO policy_rule VALUES (1001, "
PENDING = (
    "INSERT INTO pending_order (id, guild, member, visibility, ordered, quoted_mcr, alternatives, expires_ms) VALUES "
)
PURCHASE = (
    "INSERT INTO purchase (entitlement, sku, buyer, guild, amount, state, at_ms) VALUES (71, 5, $1, 0, 9, 'test', 5)"
)
LANGUAGE = "INSERT INTO setting_audit (guild, name, value, actor, at_ms) VALUES (1001, 'language', 'en', $1, 5)"


def rows_about(member, job, others_job):
    """Return statements that insert a row about this member, or by them, into each table that may have one."""
    fact = f'{{"member": "{member}", "reason": "{SECRET}", "prompt": "{SECRET}"}}'
    by = f'{{"by": "{member}", "member": "7"}}'
    return (
        ("INSERT INTO favourite VALUES ($1, $2, 5)", member, others_job),
        ("INSERT INTO favourite VALUES (2003, $1, 5)", job),
        ("INSERT INTO notification VALUES ($1, 'dm', 'sent', 0, 0)", job),
        ("INSERT INTO deleted_message VALUES ($1, 911, 'member', 5)", job),
        ("INSERT INTO preference (guild, member, aspect, language) VALUES (1001, $1, '16:9', 'zh-CN')", member),
        ("INSERT INTO preferred_model VALUES (1001, $1, 'imagine', 'a/b')", member),
        ("INSERT INTO preset VALUES (1001, $1, 'mine', $2, NULL, NULL, $1, 5)", member, SECRET),
        ("INSERT INTO preset VALUES (1001, 0, 'ours', 'oil', NULL, NULL, $1, 5)", member),
        (PENDING + "(77, 1001, $1, 'channel', $2, 5, '[]', 9)", member, fact),
        ("INSERT INTO picked VALUES ('pick', 1001, $1, $2, 5, 0)", member, fact),
        (SEARCH, member, SECRET),
        (RULE + "91, 'allow', 'everything', '', 'member', $1, NULL, NULL, 7, 5, 0)", member),
        (RULE + "92, 'allow', 'everything', '', 'role', 5, NULL, NULL, $1, 5, 0)", member),
        ("INSERT INTO policy_limit VALUES (1001, 93, 'job', 'role', '5', 0, 9, $1, 5)", member),
        ("INSERT INTO policy_age VALUES (1001, 'task', 'video', $1, 5)", member),
        ("INSERT INTO approval_rule VALUES (1001, 94, 'everything', '', 5, NULL, NULL, 0, $1, 5)", member),
        ("INSERT INTO approval_exemption VALUES (1001, 94, $1, 7, 5)", member),
        ("INSERT INTO job_approval VALUES ($2, 1001, $1, '[94]', 'approved', 7, 5)", member, job),
        ("INSERT INTO order_pause VALUES (1001, 'music', 'late', $1, 9)", member),
        ("INSERT INTO guild_suspension VALUES (1009, 'late', $1, 9)", member),
        ("INSERT INTO guild_setup VALUES (1001, 'pays', $1, 5)", member),
        ("INSERT INTO word_rule VALUES (1001, 'gore', 0, $1, 5)", member),
        ("INSERT INTO automod_rules VALUES (1001, $1, 1, 5)", f'[{{"creator_id": "{member}"}}]'),
        (CASE + "(1001, 1, 'warning', $2, 7, $1, 5, $2, 'closed')", member, SECRET),
        (CASE + "(1001, 2, 'warning', 'spam', $1, 7, 5, '', 'none')", member),
        ("INSERT INTO member_block VALUES (1001, $1, 'spam', 6, 1)", member),
        ("INSERT INTO takedown VALUES ($2, 0, $1, 5, 1, 1)", member, others_job),
        ("INSERT INTO report VALUES (8, 1001, $2, 5, 'dismissed', $1)", member, others_job),
        ("INSERT INTO reporter VALUES ($2, $1, 8, $3, 5, 'closed')", member, others_job, SECRET),
        (ENTRY + "(801, 1001, 'prompt-refused', '5', $1, 'dropped', 5)", fact),
        (ENTRY + "(802, 1001, 'warning', '5', $1, 'dropped', 5)", by),
        (AUDIT + "(1001, 7, 'cases.warning', '1', NULL, $1, 5)", fact),
        (AUDIT + "(1001, $1, 'rules.add', '92', NULL, $2, 5)", member, by),
        (LANGUAGE, member),
        ("INSERT INTO allowance VALUES (61, 1001, 5, 9, 'day', 'add', '', $1, 5, NULL)", member),
        ("INSERT INTO allowance_draw VALUES (61, $1, '2026-11-01', 0, 5)", member),
        ("INSERT INTO gift VALUES (62, 1001, $1, 2003, 5, $2, 'dropped', 5)", member, SECRET),
        (PURCHASE, member),
        ("INSERT INTO purchase_offer VALUES ($1, 1001, 5)", member),
        ("INSERT INTO gift_use VALUES (1001, $1, '2026-11-01', 5)", member),
        ("INSERT INTO waiting_grant VALUES (63, 1001, $1, 5, $2, 7, 'denied', 8, 5)", member, SECRET),
        ("INSERT INTO waiting_grant VALUES (64, 1001, 7, 5, 'x', $1, 'denied', $1, 5)", member),
    )  # fmt: skip


@pytest.fixture
async def house(tmp_path):
    """Return a world with running jobs; the ledger and the jobs are checked after every test."""
    world = await World.open(tmp_path)
    await world.start()
    yield House(world, tmp_path)
    await world.close()
