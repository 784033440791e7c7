import pytest

from bot.chat.delivery.notifications import link_to
from bot.jobs.records import Receipt, Rung
from tests.unit.chat.samples import job


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        (None, "10/20/40"),
        (Receipt(Rung.TOKEN_EDIT, 20, 40), "10/20/40"),
        (Receipt(Rung.NEW_MESSAGE, 20, 41), "10/20/41"),
        (Receipt(Rung.DM, 21, 42), "@me/21/42"),
        (Receipt(Rung.KEPT, 22, 43), "10/20/40"),
    ],
)
def test_link_leads_to_the_message_that_shows_the_end_and_otherwise_to_the_card(shown, place):
    assert link_to(job(message=40), shown) == f"https://discord.com/channels/{place}"
