"""An entry of the list of reports fits into its share of a message, with the link at its beginning."""

from bot.chat.cards.list_page import ENTRY_CHARACTERS
from bot.chat.moderation.report_list import entry_text
from bot.chat.texts.texts import Texts
from bot.moderation.report_records import Report, ReportOutcome
from tests.unit.chat.ftl import EVERY_LANGUAGE
from tests.unit.chat.samples import job

WORST = "*_`|" * 100
LINK = f"https://discord.com/channels/{'9' * 19}/{'9' * 19}/{'9' * 19}"


def test_entry_with_long_reasons_is_not_cut():
    members = tuple(10**18 + number for number in range(5))
    report = Report(1, 1_001, job().id, 10**12, ReportOutcome.OPEN, 0, 700, members, (WORST,) * 5)
    for locale in EVERY_LANGUAGE:
        text = entry_text(report, job(), LINK, Texts.load().speech(locale))
        assert len(text) <= ENTRY_CHARACTERS
        assert LINK in text
        assert "<@1000000000000000004>" in text
