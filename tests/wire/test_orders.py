from bot.credit import milli
from tests.wire.stage import buttons, is_over, is_ready, is_running, short_id, words

START = milli(100_000)


async def test_imagine_is_answered_with_its_card_and_becomes_its_result(stage):
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
    assert (answer.state, answer.private) == ("acknowledged", False)
    message = await stage.seen(answer, is_ready)
    assert "75 credits (balance 99,925)" in message["content"]
    assert "> a lighthouse in fog" in message["embeds"][0]["description"]
    (file,) = message["attachments"]
    assert file["description"] == "AI-generated: a lighthouse in fog"
    assert buttons(message) == []
    assert await stage.balance("mira") == (START - milli(75), 0)
    assert len(await stage.messages("mira")) == 1
