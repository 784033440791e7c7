from dataclasses import replace

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.order import Task
from bot.chat.cards.card import Verb
from bot.chat.cards.job_card import card
from bot.chat.texts.loader import Texts
from bot.jobs.durations import Range, Usual
from bot.jobs.records import PredictionState, State, Visibility
from bot.preferences.preference import Ping
from tests.unit.chat.samples import NOW_MS, artefact, attachment, delivered, failed, job, order, plan, run, snapshot

SAY = Texts.load().speech("en-US")
WORKING = (State.ACCEPTED, State.WAITING, State.RUNNING, State.COLLECTING)
ENDED = (State.FAILED, State.CANCELLED, State.EXPIRED, State.ORPHANED)


def shown(of, now_ms=NOW_MS, say=SAY):
    return card(of, say, now_ms=now_ms)


def body(of, now_ms=NOW_MS) -> str:
    return shown(of, now_ms).embed.description


@pytest.mark.parametrize("state", [*WORKING, *ENDED, State.DELIVERING, State.DONE, State.UNDELIVERED])
def test_every_state_has_a_card_with_the_jobs_id(state):
    made = shown(snapshot(state, captured_mcr=75_000 if state not in (*WORKING, *ENDED) else 0))
    assert made.embed.footer.text == "Job K7QF-2M"
    assert made.embed.title is None  # no words of members in titles


def test_a_new_job_says_what_it_does_and_what_is_held():
    made = shown(snapshot(State.WAITING, queue_position=2, queued=5))
    assert made.content == "🖌️ Imagining with **flux-schnell** · <@30> · 75 credits held"
    assert "> a lighthouse in fog" in made.embed.description
    assert "2 of 5 in the queue · about 3 s (first estimate)" in made.embed.description


def learned(low_s=2.0, high_s=5.0, start_s=0.5, slow_start_s=1.0):
    return Usual(Range(low_s, 3.0, high_s), Range(0.1, start_s, slow_start_s), Range(2.0, 3.0, 4.5), 40)


def test_a_new_job_says_what_was_learned():
    assert "usually 2\u20135 s" in body(snapshot(State.WAITING, usual=learned()))


def test_an_upper_bound_is_called_one():
    assert "up to 75 credits held" in shown(snapshot(State.WAITING, plan=plan(upper_bound=True))).content


def test_a_running_job_says_when_it_is_usually_ready_by_a_clock_that_ticks_by_itself():
    text = body(snapshot(runs=[run()], usual=learned()))
    assert f"usually 2\u20135 s; 9 out of 10 finish <t:{NOW_MS // 1000 + 5}:R>" in text


def test_a_guess_is_called_a_guess():
    assert f"should be ready <t:{NOW_MS // 1000 + 3}:R> (first estimate)" in body(snapshot(runs=[run()]))


def test_a_cold_start_is_named_with_what_is_normal():
    starting = snapshot(runs=[run(started_ms=None)], usual=learned(high_s=90, slow_start_s=60))
    assert "cold start" not in body(starting, now_ms=NOW_MS + 4_000)
    assert "cold start can take up to 60 s" in body(starting, now_ms=NOW_MS + 6_000)
    assert "cold start" not in body(snapshot(runs=[run()], usual=learned()), now_ms=NOW_MS + 6_000)


def test_a_start_slower_than_any_known_one_gets_no_made_up_number():
    starting = snapshot(runs=[run(started_ms=None)], usual=learned())
    assert "slowest cold start so far" in body(starting, now_ms=NOW_MS + 6_000)


def test_a_run_that_is_a_little_late_is_not_called_slow():
    text = body(snapshot(runs=[run()]), now_ms=NOW_MS + 20_000)
    assert "slower" not in text
    assert "usually" not in text


def test_a_run_that_the_service_did_not_take_yet_is_not_said_to_be_sent():
    unsent = run(state=PredictionState.INTENDED, provider_id=None, submitted_ms=None, created_ms=None, started_ms=None)
    assert "The service is busy; this job will start by itself" in body(snapshot(runs=[unsent]))


def test_a_slow_job_says_so_and_when_waiting_ends():
    text = body(snapshot(runs=[run()], usual=learned()), now_ms=NOW_MS + 60_000)
    assert f"slower than 9 out of 10 runs; I'll give up <t:{NOW_MS // 1000 + 600}:R>" in text


def test_slower_than_others_is_not_said_where_no_others_are_known():
    text = body(snapshot(runs=[run()]), now_ms=NOW_MS + 60_000)
    assert "9 out of 10" not in text
    assert "longer than estimated" in text


def test_the_bar_shows_the_models_own_steps():
    assert "▓▓▓▓▓▓▓░░░ · step 3/4" in body(snapshot(runs=[run(step=3, steps=4)]))


def test_there_is_no_bar_without_real_steps():
    assert "▓" not in body(snapshot(runs=[run()]))
    assert "░" not in body(snapshot(runs=[run(step=0, steps=0)]))


def test_several_runs_say_how_many_are_ready():
    runs = [run(0, PredictionState.SUCCEEDED, completed_ms=NOW_MS), run(1), run(2), run(3)]
    assert "1 of 4 ready" in body(snapshot(runs=runs, plan=plan(4)))


@pytest.mark.parametrize("state", [State.ACCEPTED, State.WAITING, State.RUNNING])
def test_a_job_that_can_be_cancelled_has_a_button_for_it(state):
    (button,) = shown(snapshot(state)).buttons
    assert (button.verb, button.job, button.label) == (Verb.CANCEL, "01JOB0000000000000000AB", "Cancel")


@pytest.mark.parametrize("state", [State.COLLECTING, State.DELIVERING, State.DONE, *ENDED])
def test_a_job_that_cannot_be_cancelled_has_none(state):
    assert shown(snapshot(state, captured_mcr=75_000)).buttons == ()


def test_a_job_that_was_asked_to_stop_claims_no_refund_and_has_no_button():
    made = shown(snapshot(cancel_asked_ms=NOW_MS))
    assert "I asked the service to stop" in made.embed.description
    assert "refund" not in made.embed.description
    assert made.buttons == ()


@pytest.mark.parametrize(
    ("visibility", "words"), [(Visibility.PRIVATE, "find the result in /jobs"), (Visibility.DM, "direct message")]
)
def test_a_long_private_job_says_how_a_late_result_arrives(visibility, words):
    assert words in body(snapshot(visibility=visibility, plan=plan(typical_s=300)))


def test_a_quick_private_job_does_not_worry_anybody():
    assert "/jobs" not in body(snapshot(visibility=Visibility.PRIVATE))


def test_a_result_says_model_aspect_seed_price_and_balance():
    made = shown(delivered(order=order(aspect="1:1"), runs=[run(seed=62182)]))
    assert made.content == "✅ **Ready** · <@30> · flux-schnell · 1:1 · seed 62182 · 75 credits (balance 1,925)"
    assert made.mention == 30


def test_a_seed_that_the_logs_did_not_tell_is_the_one_asked_for():
    assert "seed 7 ·" in shown(delivered(order=order(seed=7))).content


def test_four_pictures_are_enclosed_with_what_they_show():
    made = shown(delivered(artefacts=[replace(artefact(n), number=n + 1) for n in range(4)], plan=plan(4)))
    assert [one.artefact.number for one in made.files] == [1, 2, 3, 4]
    assert made.files[2].alt == "AI-generated: picture 3 of 4, a lighthouse in fog (flux-schnell)"
    assert made.embed.image.url is None


def test_a_video_says_how_long_large_and_heavy_it_is():
    clip = artefact(media="video/mp4", name="clip.mp4", duration_ms=8_000, width=1280, height=720, size=6_400_000)
    made = shown(delivered(artefacts=[clip], order=order(task=Task.VIDEO)))
    assert "8 s · 1280\u00d7720 · 6.4 MB" in made.content
    assert made.embed.video.url is None
    assert made.embed.image.url is None


def test_pictures_withheld_by_the_filter_are_told_and_not_paid():
    runs = [run(n, PredictionState.SUCCEEDED) for n in range(3)] + [
        run(3, PredictionState.FAILED, failure=failed("content-filtered").job.failure)
    ]
    held = {"plan": plan(4, milli_credits=300_000), "held_mcr": 300_000, "captured_mcr": 225_000}
    text = body(delivered(runs=runs, artefacts=[artefact(n) for n in range(3)], **held))
    assert "3 of 4 pictures delivered; the model's filter blocked 1. Charged 225 of 300 credits." in text


def test_pictures_that_failed_are_told_and_not_paid():
    held = {"plan": plan(2, milli_credits=150_000), "held_mcr": 150_000}
    assert "1 of 2 pictures delivered; 1 failed. Charged 75 of 150 credits." in body(delivered(**held))


def test_a_failure_states_outcome_money_next_step_and_id():
    made = shown(failed("model-failed", facts={"detail": "out of memory"}))
    assert made.content == "❌ **Failed** · <@30> · flux-schnell"
    assert "The model failed (its message: *out of memory*)." in made.embed.description
    assert "Nothing was charged; 75 credits released." in made.embed.description
    assert "Try again" in made.embed.description
    assert made.embed.footer.text == "Job K7QF-2M"


def test_a_cancelled_job_is_not_a_failed_one():
    made = shown(failed("cancelled-by-member", State.CANCELLED))
    assert made.content.startswith("⏹️ **Cancelled**")
    assert "75 credits released" in made.embed.description


def test_a_job_without_words_shows_its_file():
    assert "📎 photo." in body(snapshot(order=order(task=Task.REMOVEBG, prompt=None, files=(attachment(),))))


def test_without_words_the_alt_text_names_the_model():
    made = shown(delivered(order=order(prompt=None)))
    assert made.files[0].alt == "AI-generated: made from imagine (flux-schnell)"


def test_a_note_goes_below_what_is_there():
    noted = shown(delivered()).with_note("a note")
    assert noted.embed.description.endswith("\n\na note")
    assert shown(delivered()).embed.description != noted.embed.description


long_text = st.text(max_size=4_000) | st.text("*_`[]()<@>\n", max_size=4_000)


@given(
    prompt=long_text,
    model=long_text,
    aspect=long_text,
    detail=long_text,
    state=st.sampled_from(list(State)),
    seeds=st.lists(st.integers(0, 2**63), max_size=4),
    captured=st.sampled_from([0, 75_000, 2**62]),
    say=st.sampled_from([SAY, Texts.load().speech("zh-CN")]),
)
def test_a_card_is_always_within_discords_limits(prompt, model, aspect, detail, state, seeds, captured, say):
    of = snapshot(
        state,
        order=order(prompt=prompt, model=model, aspect=aspect),
        failure=failed("model-failed", facts={"detail": detail}).job.failure,
        captured_mcr=captured,
        runs=[run(number, seed=seed) for number, seed in enumerate(seeds)],
        artefacts=[artefact(n) for n in range(4)],
        balance_mcr=2**62,
    )
    made = shown(of, say=say)
    assert len(made.content) <= 2_000
    assert len(made.embed) <= 6_000
    assert len(made.embed.description or "") <= 4_096
    assert len(made.files) <= 10
    assert all(0 < len(one.alt) <= 1_024 for one in made.files)
    assert len(made.buttons) <= 5
    assert made.content


@given(prompt=st.text("<@everyon>&12 #`*[](https:/.)\n", max_size=400))
def test_a_prompt_never_pings_anybody(prompt):
    made = shown(delivered(order=order(prompt=prompt)))
    message = f"{made.content}\n{made.embed.description}".replace("<@30>", "")
    assert "@everyone" not in message
    assert "://" not in message
    assert "<@" not in message.replace("\\<@", "")
    assert isinstance(made.embed, discord.Embed)


def test_the_owner_of_a_job_is_the_only_one_mentioned():
    assert shown(delivered(member=99)).mention == 99
    assert job().member == 30


@pytest.mark.parametrize("ahead_ms", [-90_000, 0, 45_000])
def test_clocks_tick_by_discords_time_however_far_the_providers_is_from_it(ahead_ms):
    times = {"submitted_ms": NOW_MS + ahead_ms, "created_ms": NOW_MS + ahead_ms}
    waiting = snapshot(runs=[run(started_ms=None, **times)], deadline_ms=NOW_MS + ahead_ms + 600_000, usual=learned())

    def at(now_ms):
        return card(waiting, SAY, now_ms=now_ms, ahead_ms=ahead_ms).embed.description

    here = snapshot(runs=[run(started_ms=None)], deadline_ms=NOW_MS + 600_000, usual=learned())
    assert [at(NOW_MS + ms) for ms in (0, 6_000, 60_000)] == [body(here, NOW_MS + ms) for ms in (0, 6_000, 60_000)]


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"plan": plan(typical_s=180)}, True),
        ({"plan": plan(typical_s=60)}, False),
        ({"plan": plan(typical_s=180), "visibility": Visibility.PRIVATE}, False),
        ({"plan": plan(typical_s=180), "cancel_asked_ms": NOW_MS}, False),
    ],
)
def test_who_orders_something_long_in_public_is_offered_a_direct_message(changes, offered):
    made = shown(snapshot(**changes))
    assert (Verb.NOTIFY in [button.verb for button in made.buttons]) is offered


@pytest.mark.parametrize(
    ("ping", "said"),
    [(Ping.NEVER, ""), (Ping.LONG, "I'll ping you here if it takes more than a minute"), (Ping.ALWAYS, "when it")],
)
def test_who_may_leave_is_told_whether_they_are_called(ping, said):
    text = body(snapshot(plan=plan(typical_s=180), ping=ping))
    assert said in text
    assert ("You don't need to wait" in text) is bool(said)
    assert "You don't need to wait" not in body(snapshot(plan=plan(typical_s=60), ping=ping))


@pytest.mark.parametrize(
    ("background", "said"), [("#ff8800", r" · background \#ff8800 · "), ("transparent", " · transparent · ")]
)
def test_a_result_says_on_which_colour_it_was_put(background, said):
    ordered = order(task=Task.REMOVEBG, prompt=None, background=background, files=(attachment(),))
    assert said in shown(delivered(order=ordered)).content
    assert said not in shown(delivered()).content
