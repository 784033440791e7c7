import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import aiohttp
import discord
import pytest

from bot.chat.delivery.ladder import UNCLEAR, Ladder, next_move, rungs
from bot.clock import AGREEING_SAMPLES, ServerClock
from bot.errors import FilesUnreachable
from bot.interaction_token import USABLE_MS
from bot.jobs.records import Attempt, Posting, Receipt, Rung, State, Visibility
from tests.manual_clock import ManualClock
from tests.present import present
from tests.unit.chat.samples import NOW_MS, job


def refusal(status: int, code: int = 0) -> discord.HTTPException:
    """Return the error that discord.py raises for this answer."""
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    kind = discord.DiscordServerError if status >= 500 else kind
    response = cast("aiohttp.ClientResponse", SimpleNamespace(status=status, reason="no"))
    return kind(response, {"code": code, "message": "no"})


@dataclass
class MemoryLog:
    """An in-memory delivery log."""

    attempts: list[Attempt] = field(default_factory=list)

    async def earlier(self):
        return tuple(self.attempts)

    async def begin(self, rung):
        self.attempts.append(Attempt("job", len(self.attempts), rung, 0, None, None))
        return len(self.attempts) - 1

    async def end(self, number, outcome, message=None):
        attempt = self.attempts[number]
        self.attempts[number] = Attempt(attempt.job, number, attempt.rung, 0, outcome, message)

    @property
    def outcomes(self):
        return [(attempt.rung, attempt.outcome) for attempt in self.attempts]


@dataclass
class DeliveryMethods:
    """Scripted Discord calls: they raise the given errors, then succeed. `found` is already in the channel."""

    script: dict[Rung, list[Exception]]
    log: MemoryLog
    found: Posting | None = None
    find_error: Exception | None = None
    calls: list[tuple[Rung, int]] = field(default_factory=list)
    looked: list[Rung] = field(default_factory=list)
    blocked: int = 0

    async def show(self, rung, shrinks):
        assert self.log.attempts[-1].rung is rung, "an attempt must be recorded before its call"
        assert self.log.attempts[-1].outcome is None
        self.calls.append((rung, shrinks))
        if self.script.get(rung):
            raise self.script[rung].pop(0)
        return Posting(20, 70)

    async def find(self, rung):
        self.looked.append(rung)
        if self.find_error:
            raise self.find_error
        return self.found

    async def tell_blocked(self):
        self.blocked += 1


class Climb:
    """One delivery with its own clock and log."""

    def __init__(self, script=None, *, age_ms=0, earlier=(), **changes):
        self.clock = ManualClock(NOW_MS + age_ms)
        self.log = MemoryLog(list(earlier))
        self.methods = DeliveryMethods(script or {}, self.log)
        self.job = job(State.DELIVERING, **changes)
        self.ladder = Ladder(self.job, self.methods, self.log, self.clock, ServerClock(self.clock))

    async def run(self) -> Receipt | None:
        """Deliver, advancing the clock until the ladder ends."""
        task = asyncio.ensure_future(self.ladder.climb())
        for _ in range(2_000):
            await self.clock.advance(1)
            if task.done():
                return task.result()
        raise AssertionError("the ladder never ended")

    async def rung(self) -> Rung:
        """Deliver, and return the rung that worked."""
        return present(await self.run()).rung

    @property
    def tried(self) -> list[Rung]:
        return [rung for rung, _ in self.methods.calls]


T, B, N, D = Rung.TOKEN_EDIT, Rung.BOT_EDIT, Rung.NEW_MESSAGE, Rung.DM


async def test_fresh_token_edits_the_card():
    climb = Climb()
    assert await climb.run() == Receipt(T, 20, 70)
    assert climb.log.outcomes == [(T, "shown")]


async def test_old_token_is_not_tried():
    climb = Climb(age_ms=USABLE_MS + 1)
    assert await climb.run() == Receipt(B, 20, 70)
    assert climb.tried == [B]


async def test_age_of_a_token_is_measured_by_discords_clock():
    climb = Climb()
    discord_clock = ServerClock(climb.clock)
    for _ in range(AGREEING_SAMPLES):
        discord_clock.observe("Fri, 15 Jan 2027 08:20:00 GMT")  # 20 minutes ahead of the local clock
    ladder = Ladder(climb.job, climb.methods, climb.log, climb.clock, discord_clock)
    assert present(await ladder.climb()).rung is B


async def test_unreadable_token_is_not_tried():
    climb = Climb(token="")
    assert await climb.rung() is B


@pytest.mark.parametrize("error", [refusal(401, 50027), refusal(403, 50001), refusal(400, 50035), refusal(404, 10003)])
async def test_4xx_moves_to_the_next_rung_at_once(error):
    climb = Climb({T: [error]})
    assert await climb.rung() is B
    assert climb.tried == [T, B]


async def test_archived_thread_gets_a_new_message():
    climb = Climb({B: [refusal(400, 50083)]}, age_ms=USABLE_MS + 1)
    assert await climb.rung() is N


async def test_deleted_channel_fails_every_rung():
    gone = [refusal(404, 10003)]
    climb = Climb({T: list(gone), B: list(gone), N: list(gone)})
    assert await climb.run() is None
    assert climb.log.outcomes == [(T, "10003"), (B, "10003"), (N, "10003")]


@pytest.mark.parametrize("rung", [T, B])
async def test_deleted_card_is_never_posted_again(rung):
    climb = Climb({rung: [refusal(404, 10008)]}, age_ms=0 if rung is T else USABLE_MS + 1)
    assert await climb.run() is None
    assert climb.tried == [rung]


async def test_card_that_an_earlier_process_found_deleted_is_not_posted_again():
    climb = Climb(earlier=[Attempt("job", 0, T, 0, "10008", None)])
    assert await climb.run() is None
    assert climb.tried == []


async def test_result_of_a_deleted_private_card_is_sent_by_the_chosen_direct_message():
    climb = Climb({T: [refusal(404, 10008)]}, visibility=Visibility.DM)
    assert await climb.rung() is D


@pytest.mark.parametrize(
    "error",
    [
        refusal(500),
        refusal(503),
        refusal(429),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(),
    ],
)
async def test_server_errors_are_retried_on_the_same_rung(error):
    climb = Climb({T: [error, error]})
    assert await climb.rung() is T
    assert climb.tried == [T, T, T]


async def test_unknown_webhook_is_retried_for_only_ten_seconds():
    climb = Climb({T: [refusal(404, 10015)] * 50})
    assert await climb.rung() is B
    assert climb.tried.count(T) <= 5
    assert climb.clock.monotonic_s() <= 12


async def test_token_that_expires_during_retries_is_abandoned():
    climb = Climb({T: [refusal(500)] * 50}, age_ms=USABLE_MS - 5_000)
    assert await climb.rung() is B
    assert climb.clock.monotonic_s() < 30


async def test_edit_that_may_have_worked_never_becomes_a_second_message():
    climb = Climb({B: [refusal(500)] * 500}, age_ms=USABLE_MS + 1)
    assert await climb.run() is None
    assert N not in climb.tried


async def test_retry_intervals_grow_and_retries_end():
    climb = Climb({B: [refusal(500)] * 500}, age_ms=USABLE_MS + 1)
    await climb.run()
    assert 15 < len(climb.tried) < 40
    assert climb.clock.monotonic_s() < 660


@pytest.mark.parametrize("error", [refusal(400, 40005), refusal(400, 50045), refusal(413)])
async def test_message_that_is_too_large_is_made_smaller_on_the_same_rung(error):
    climb = Climb({T: [error, error]})
    assert await climb.rung() is T
    assert climb.methods.calls == [(T, 0), (T, 1), (T, 2)]


async def test_message_that_is_too_large_even_as_a_link_moves_to_the_next_rung():
    climb = Climb({T: [refusal(413)] * 3})
    assert await climb.rung() is B


@pytest.mark.parametrize("code", [200000, 240000])
async def test_blocked_content_is_kept_and_announced_privately(code):
    climb = Climb({T: [refusal(400, code)]})
    assert await climb.run() is None
    assert climb.tried == [T]
    assert climb.methods.blocked == 1


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [(Visibility.CHANNEL, (T, B, N)), (Visibility.PRIVATE, (T,)), (Visibility.DM, (T, D))],
)
def test_private_results_never_use_a_public_rung(visibility, expected):
    assert rungs(job(visibility=visibility)) == expected


async def test_private_job_with_an_old_token_is_kept():
    climb = Climb(age_ms=USABLE_MS + 1, visibility=Visibility.PRIVATE)
    assert await climb.run() is None
    assert climb.tried == []


async def test_result_is_kept_if_direct_messages_are_closed():
    climb = Climb({D: [refusal(403, 50007)]}, age_ms=USABLE_MS + 1, visibility=Visibility.DM)
    assert await climb.run() is None
    assert climb.log.outcomes == [(D, "50007")]


@pytest.mark.parametrize("outcome", [None, UNCLEAR])
async def test_new_message_with_unknown_outcome_is_searched_for_before_sending_again(outcome):
    climb = Climb({B: [refusal(400, 50083)]}, age_ms=USABLE_MS + 1, earlier=[Attempt("job", 0, N, 0, outcome, None)])
    climb.methods.found = Posting(20, 99)
    assert await climb.run() == Receipt(N, 20, 99)
    assert N not in climb.tried


async def test_new_message_that_is_not_found_is_sent():
    climb = Climb({B: [refusal(400, 50083)]}, age_ms=USABLE_MS + 1, earlier=[Attempt("job", 0, N, 0, None, None)])
    assert await climb.run() == Receipt(N, 20, 70)
    assert climb.methods.looked == [N]


async def test_nothing_is_sent_again_if_the_channel_cannot_be_searched():
    climb = Climb({B: [refusal(400, 50083)]}, age_ms=USABLE_MS + 1, earlier=[Attempt("job", 0, N, 0, None, None)])
    climb.methods.find_error = refusal(403, 50001)
    assert await climb.run() is None
    assert N not in climb.tried


@pytest.mark.parametrize("outcome", [None, UNCLEAR])
@pytest.mark.parametrize("visibility", [Visibility.CHANNEL, Visibility.DM])
async def test_end_that_an_earlier_attempt_may_have_posted_is_searched_for_before_the_card_is_edited(
    outcome, visibility
):
    rung = N if visibility is Visibility.CHANNEL else D
    climb = Climb(visibility=visibility, earlier=[Attempt("job", 0, rung, 0, outcome, None)])
    climb.methods.found = Posting(55, 99)  # a direct message is not in the job's channel
    assert await climb.run() == Receipt(rung, 55, 99)
    assert climb.tried == []


async def test_card_is_not_edited_while_it_is_unknown_whether_its_end_was_posted():
    climb = Climb(age_ms=USABLE_MS + 1, earlier=[Attempt("job", 0, N, 0, UNCLEAR, None)])
    climb.methods.find_error = refusal(503)
    assert await climb.run() is None
    assert climb.tried == []


async def test_card_is_edited_if_its_end_was_not_posted():
    climb = Climb(age_ms=USABLE_MS + 1, earlier=[Attempt("job", 0, N, 0, UNCLEAR, None)])
    assert await climb.run() == Receipt(B, 20, 70)


async def test_end_is_not_posted_while_an_edit_of_an_unknown_message_may_have_worked():
    climb = Climb({T: [TimeoutError()] * 1_000}, message=0)
    assert await climb.run() is None
    assert N not in climb.tried


async def test_end_is_not_posted_after_an_edit_of_an_unknown_message_by_an_earlier_process():
    climb = Climb(age_ms=USABLE_MS + 1, message=0, earlier=[Attempt("job", 0, T, 0, None, None)])
    assert await climb.run() is None
    assert climb.tried == []


async def test_end_is_posted_after_a_refused_edit_of_an_unknown_message():
    climb = Climb({T: [refusal(401, 50027)]}, message=0)
    assert await climb.run() == Receipt(N, 20, 70)


async def test_message_sent_without_an_answer_is_searched_for_before_a_retry():
    climb = Climb({B: [refusal(400, 50083)], N: [TimeoutError()]}, age_ms=USABLE_MS + 1)
    climb.methods.found = Posting(20, 99)
    assert await climb.run() == Receipt(N, 20, 99)
    assert climb.tried == [B, N]


async def test_edit_with_unknown_outcome_is_repeated():
    climb = Climb(earlier=[Attempt("job", 0, T, 0, None, None)])
    assert await climb.rung() is T
    assert climb.methods.looked == []


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (OSError(), "again"),
        (refusal(502), "again"),
        (refusal(404, 10008), "gone"),
        (refusal(403, 50013), "next"),
        (refusal(403, 160005), "next"),
    ],
)
def test_each_error_leads_to_its_next_move(error, step):
    assert next_move(error) == step


async def test_result_is_posted_as_a_new_message_if_the_cards_message_is_unknown():
    climb = Climb(age_ms=USABLE_MS + 1, message=0)
    assert await climb.run() == Receipt(N, 20, 70)
    assert climb.tried == [N]


async def test_blocked_content_is_not_reported_with_an_old_token():
    climb = Climb({B: [refusal(400, 200000)]}, age_ms=USABLE_MS + 1)
    assert await climb.run() is None
    assert climb.methods.blocked == 0


async def test_unreadable_result_is_recorded_as_unsent_and_is_shown_normally_later():
    climb = Climb({T: [FilesUnreachable(problem="no answer", fix="wait")]}, message=0)
    with pytest.raises(FilesUnreachable):
        await climb.run()
    assert climb.log.outcomes == [(T, "unsent")]
    later = Climb(earlier=climb.log.attempts, age_ms=USABLE_MS + 1, message=0)
    assert await later.rung() is N  # no card can show the result, so it is posted
