import asyncio
from datetime import date

import pytest

from bot.chat.credits import statement_card
from bot.chat.credits.statement_card import LISTED, StatementScope
from bot.chat.credits.statement_pictures import StatementPictures
from bot.chat.texts.escaping import ALT_CHARACTERS
from bot.chat.texts.texts import Texts
from bot.errors import InternalError
from bot.ledger.account_statement import AccountStatement, DayLine, Flow, Spending, Standing
from bot.ledger.movements import Cause
from bot.ledger.periods import Period

DAY = date(2026, 11, 3)
ENGLISH, CHINESE = (Texts.load().speech(locale) for locale in ("en-US", "zh-CN"))
SPENDING = [(f"owner/model-{number}", Spending(1_000 - number, 1_000, 1)) for number in range(LISTED + 2)]


def statement(**changes):
    facts = {
        "period": Period(DAY, DAY),
        "opening": Standing(members_mcr=100_000),
        "closing": Standing(members_mcr=50_000, members_held_mcr=25_000, pool_mcr=5_500),
        "flows": {
            Cause.GIFT: Flow(in_mcr=3_000, out_mcr=1_000),
            Cause.GRANT: Flow(moved_mcr=2_000),
            Cause.HOLD: Flow(moved_mcr=90_000),
            Cause.CAPTURE: Flow(out_mcr=60_000),
            Cause.RELEASE: Flow(moved_mcr=5_000),
            Cause.REFUND: Flow(in_mcr=500),
        },
        "days": [DayLine(DAY, 3_500, 60_000, 1_000, 80_500)],
        "models": SPENDING,
        "members": [(7, Spending(-500, 0, 0)), (0, Spending(9_000, 9_000, 2))],
        "guilds": [(1, Spending(1, 1, 1))],
        "transfers": 9,
    }
    return AccountStatement(**(facts | changes))


def shown(scope, say=ENGLISH, **changes):
    return statement_card.lines(statement(**changes), scope, say, lambda guild: f"*guild {guild}*")


def test_lines_lead_from_the_opening_to_the_closing_balance():
    lines = shown(StatementScope.MEMBER)
    assert lines[:8] == [
        "**100** at the beginning",
        "+ 3 · gifts",
        "\u2212 1 · gifts",
        f"\u2212 60 · spent, {LISTED + 2} jobs",
        "+ 0.5 · refunds",
        "**80.5** at the end (25 held)",
        "Moved between accounts: grants 2",
        "For jobs: 90 held, 60 spent, 5 released",
    ]


def test_long_lists_say_how_much_is_left_out():
    assert shown(StatementScope.MEMBER)[-1] == "and 2 more"


def test_server_statement_distinguishes_pool_and_members():
    lines = shown(StatementScope.GUILD)
    assert "**80.5** at the end (5.5 in the pool, 75 with members, 25 held)" in lines
    assert lines[-2:] == ["<@7> · -0.5", "the pool · 9 (2 jobs)"]


def test_names_of_servers_are_escaped():
    assert shown(StatementScope.ALL)[-1] == r"\*guild 1\* · 0.001 (1 job)"


def test_statement_without_movements_says_so():
    lines = shown(StatementScope.MEMBER, transfers=0, flows={}, models=[])
    assert lines == ["**100** at the beginning", "No credits moved.", "**80.5** at the end (25 held)"]


@pytest.mark.parametrize("say", [ENGLISH, CHINESE])
def test_alt_text_has_the_figures_and_fits(say):
    text = statement_card.alt_text(statement(models=SPENDING * 40), say, ALT_CHARACTERS)
    assert len(text) <= ALT_CHARACTERS
    for figure in ("2026-11-03", "100", "3.5", "60", "80.5", "model-0 1"):
        assert figure in text


def test_model_with_only_refunds_has_no_bar():
    models = [("o/a", Spending(5, 5, 1)), ("o/b", Spending(-5, 0, 0))]
    assert statement_card.charted_models(statement(models=models)) == [("a", 5)]


class Drawer:
    def __init__(self, error=None):
        self.error = error
        self.figures = None

    async def statement_chart(self, figures, into, *, cache):
        self.figures = figures
        if self.error:
            raise self.error
        into.write_bytes(b"png")


async def test_future_days_are_not_drawn(tmp_path):
    drawer = Drawer()
    lines = [DayLine(date(2026, 11, day), 1, 2, 3, 4) for day in (1, 2, 3)]
    assert await StatementPictures(drawer, tmp_path).drawn(lines, [], date(2026, 11, 2)) == b"png"
    assert drawer.figures is not None
    assert drawer.figures.days == [("2026-11-01", 1, 2, 3, 4), ("2026-11-02", 1, 2, 3, 4)]


async def test_chart_that_cannot_be_drawn_is_left_out(tmp_path):
    drawer = Drawer(InternalError(reference="E-MEDIA-WORKER"))
    assert await StatementPictures(drawer, tmp_path).drawn([DayLine(DAY, 1, 2, 3, 4)], [], DAY) is None


async def test_statement_does_not_wait_forever_for_its_chart(tmp_path, monkeypatch):
    class Busy(Drawer):
        async def statement_chart(self, figures, into, *, cache):
            await asyncio.Event().wait()

    monkeypatch.setattr("bot.chat.credits.statement_pictures.PATIENCE_S", 0.01)
    assert await StatementPictures(Busy(), tmp_path).drawn([DayLine(DAY, 1, 2, 3, 4)], [], DAY) is None
