import pytest

from bot.catalogue.refusals import invalid
from bot.chat.texts.texts import Texts
from bot.chat.texts.wording import ADVICE, duration, failure, relative, size, span
from bot.errors import (
    ContentFiltered,
    DeadlinePassed,
    InsufficientCredit,
    InvalidOrder,
    ModelFailed,
    NotAllowed,
    NotFound,
    ProviderOutOfFunds,
)
from tests.unit.chat.ftl import EVERY_LANGUAGE, source

SAY = Texts.load().speech("en-US")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.8 s"),
        (3.0, "3 s"),
        (12.4, "12 s"),
        (89, "89 s"),
        (90, "2 min"),
        (180, "3 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
    ],
)
def test_durations_are_formatted(seconds, text):
    assert duration(seconds, SAY) == text


@pytest.mark.parametrize(("count", "text"), [(10, "1 kB"), (12_300, "12 kB"), (6_400_000, "6.4 MB")])
def test_sizes_are_formatted(count, text):
    assert size(count) == text


def test_time_is_formatted_as_a_discord_timestamp():
    assert relative(1_800_000_000_999) == "<t:1800000000:R>"


def test_models_error_message_is_escaped_and_shortened():
    text = failure(ModelFailed(detail="CUDA **out** of <@123> " + "x" * 500, transient=1).failure, SAY)
    assert r"\*\*out\*\* of \<" in text
    assert "<@123>" not in text
    assert len(text) < 500


def test_filter_error_says_that_an_unchanged_retry_rarely_helps():
    text = failure(ContentFiltered(detail="NSFW").failure, SAY, released_mcr=75_000)
    assert text == (
        "The model's safety filter rejected this prompt or picture. Nothing was charged; 75 credits released. "
        "Rephrase it and try again; retrying without a change rarely helps."
    )


def test_operators_billing_problem_is_hidden_from_members():
    text = failure(ProviderOutOfFunds(detail="balance -3.20 USD of account ops@example").failure, SAY)
    assert "paused by the bot's operator" in text
    assert "USD" not in text


def test_insufficient_credits_shows_needed_available_and_held_amounts():
    facts = {"needed_mcr": 7_000_000, "available_mcr": 1_925_000, "held_mcr": 500_000}
    text = failure(InsufficientCredit(**facts).failure, SAY)
    assert "**7,000 credits**; you have **1,925** (500 more held by running jobs)" in text


def test_insufficient_credits_without_a_hold_does_not_mention_holds():
    text = failure(InsufficientCredit(needed_mcr=7_000_000, available_mcr=0, held_mcr=0).failure, SAY)
    assert "held" not in text


def test_refusal_mentions_the_rule():
    text = failure(NotAllowed(model="google/veo-3", rule="video").failure, SAY)
    assert "not enabled for you here: video models are off until a moderator allows them." in text


def test_rule_without_a_text_is_shown_by_its_key():
    assert "here: only on Sundays." in failure(NotAllowed(model="m", rule="only on Sundays").failure, SAY)


def test_refusal_of_a_person_does_not_mention_models():
    text = failure(NotAllowed(rule="operators-only").failure, SAY)
    assert text.startswith("You can't do this here: only the bot's operators can.")


def test_invalid_option_is_mentioned_with_its_problem():
    text = failure(InvalidOrder(model="kling", option="seconds", problem="must be 5 or 10, not 7").failure, SAY)
    assert text.startswith("kling: seconds must be 5 or 10, not 7. Nothing was charged.")


def test_timeout_says_how_long_easel_waited():
    assert failure(DeadlinePassed(waited_s=720).failure, SAY).startswith(
        "No result after 12 min, so I stopped waiting."
    )


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (8.2, 11.1, "8\u201312 s"),
        (119.0, 280.0, "1\u20135 min"),
        (50.0, 170.0, "50 s\u20133 min"),
        (3.0, 3.0, "3 s"),
        (0.0, 0.2, "1 s"),
        (0.0, 0.0, "1 s"),
        (0.4, 3.2, "1\u20134 s"),
        (60.0, 240.0, "1\u20134 min"),
        (0.0, 240.0, "1 s\u20134 min"),
        (600.0, 600.0, "10 min"),
    ],
)
def test_range_is_rounded_outward(low, high, text):
    assert span(low, high, SAY) == text


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        ("operators-only", "If you run this bot, add your user id to OPERATOR_IDS."),
        ("manage-server", "Anyone here with that permission can do it."),
        ("manage-messages", "Anyone here with that permission can do it."),
        ("servers-only", "Use the command in a server that I'm in."),
        ("not-yours", "Ask one of them."),
    ],
)
def test_each_rule_about_people_and_channels_has_its_own_advice(rule, advice):
    assert failure(NotAllowed(rule=rule).failure, SAY).endswith(f"Nothing was charged. {advice}")


def test_refusal_of_something_other_than_an_order_does_not_mention_the_cost():
    text = failure(NotFound(what="preset", name="noir").failure, SAY, ordered=False)
    assert text == "I can't find preset noir here. /style list shows the presets you can use here."


@pytest.mark.parametrize("reason", ADVICE)
@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
def test_reason_with_its_own_advice_shows_it(reason, locale):
    say = Texts.load().speech(locale)
    error = invalid("/video", "seconds", reason, "5, 10", "7")
    assert failure(error.failure, say).endswith(say(f"advice-{ADVICE[reason]}"))
    assert ADVICE[reason] in {key.removeprefix("advice-") for key in source("en")}


def test_refusal_of_an_expensive_model_shows_prices_and_mentions_why():
    facts = {"cheapest_mcr": 7_000_000, "limit_mcr": 2_500_000}
    text = failure(NotAllowed(model="a/b", rule="costly", **facts).failure, SAY)
    assert "costs 7,000 credits, and models above 2,500 credits are off until a moderator allows them" in text
    assert text.endswith("/models shows what you can use here, and /why who can change this.")
