import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.order import Task
from bot.chat.cards.card import Verb
from bot.chat.cards.job_card import card
from bot.chat.texts.texts import Texts
from bot.jobs.durations import Range, Usual
from bot.jobs.records import Lineage, Parent, PredictionState, Relation, State, Visibility
from bot.jobs.waits import Wait, WaitReason
from bot.preferences.preference_records import Ping
from tests.unit.chat.embeds import description_of, embed_of
from tests.unit.chat.ftl import EVERY_LANGUAGE
from tests.unit.chat.samples import NOW_MS, artefact, attachment, delivered, failed, job, order, plan, run, snapshot

SAY = Texts.load().speech("en-US")
WORKING = (State.ACCEPTED, State.WAITING, State.RUNNING, State.COLLECTING)
ENDED = (State.FAILED, State.CANCELLED, State.EXPIRED, State.ORPHANED)


def learned(low_s=2.0, high_s=5.0, start_s=0.5, slow_start_s=1.0):
    return Usual(Range(low_s, 3.0, high_s), Range(0.1, start_s, slow_start_s), Range(2.0, 3.0, 4.5), 40)


def shown(of, now_ms=NOW_MS, say=SAY):
    return card(of, say, now_ms=now_ms)


def body(of, now_ms=NOW_MS) -> str:
    return description_of(shown(of, now_ms))


@pytest.mark.parametrize("state", [*WORKING, *ENDED, State.DELIVERING, State.DONE, State.UNDELIVERED])
def test_every_state_has_a_card_with_the_jobs_id(state):
    made = shown(snapshot(state, captured_mcr=75_000 if state not in (*WORKING, *ENDED) else 0))
    assert embed_of(made).footer.text == "Job K7QF-2M"
    assert embed_of(made).title is None  # members' text must not appear in titles


def test_new_job_shows_its_activity_and_its_hold():
    made = shown(snapshot(State.WAITING, wait=Wait(WaitReason.TURN)))
    assert made.content == "🖌️ Imagining with **flux-schnell** · <@30> · 75 credits held"
    assert "> a lighthouse in fog" in description_of(made)
    assert "Starting · about 2\u20138 s (first estimate)" in description_of(made)


def test_new_job_shows_the_measured_duration():
    assert "usually 2\u20135 s" in body(snapshot(State.WAITING, usual=learned()))


def test_upper_bound_of_a_hold_is_shown_as_up_to():
    assert "up to 75 credits held" in shown(snapshot(State.WAITING, plan=plan(upper_bound=True))).content


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (Wait(WaitReason.MEMBER, 1, 3), "Waiting for your other jobs, 1st in line (3 of yours run at a time)"),
        (Wait(WaitReason.MEMBER, 2, 1), "Waiting for your other job, 2nd in line (one of yours runs at a time)"),
        (Wait(WaitReason.GUILD, 3, 8), "Waiting, 3rd in line in this server (8 jobs run at a time)"),
        (
            Wait(WaitReason.GUILD, 11, 8, 60, 240),
            "11th in line in this server (8 jobs run at a time) · your",
        ),
        (Wait(WaitReason.GUILD, 11, 8, 60, 240), "your turn in about 1\u20134 min · then "),
        (
            Wait(WaitReason.GUILD, 21, 8, 240, 240),
            "21st in line in this server (8 jobs run at a time) · your",
        ),
        (Wait(WaitReason.GUILD, 21, 8, 240, 240), "your turn in about 4 min · then "),
        (Wait(WaitReason.MEMBER, 1, 3, 0, 20), "your turn within 20 s · then "),
        (Wait(WaitReason.SERVICE, 4), "Waiting for the service, 4th in line; this job will start automatically"),
        (Wait(WaitReason.SERVICE, 0, 0, 15, 15), "nothing has been charged yet · next try in about 15 s"),
    ],
)
def test_waiting_job_shows_its_place_in_the_line_that_it_waits_in(wait, words):
    assert words in body(snapshot(State.WAITING, wait=wait))


def test_place_in_line_is_translated():
    made = shown(snapshot(State.WAITING, wait=Wait(WaitReason.GUILD, 3, 8, 60, 240)), say=Texts.load().speech("zh-CN"))
    assert "在本服务器排第 3" in description_of(made)
    assert "大约 1\u20134 分钟后轮到它" in description_of(made)


def test_running_job_shows_the_usual_range():
    assert "The model is working · usually 2\u20135 s" in body(snapshot(runs=[run()], usual=learned()))


def test_estimate_is_a_range_and_labelled_as_first_estimate():
    assert "about 2\u20138 s (first estimate)" in body(snapshot(runs=[run()]))


@pytest.mark.parametrize("usual", [None, learned()])
@pytest.mark.parametrize("after_s", [-30, 0, 1, 3, 4, 5, 6, 30, 60, 599, 600, 601, 10_000])
@pytest.mark.parametrize("state", [*WORKING, State.DELIVERING])
def test_card_of_a_working_job_never_has_a_relative_timestamp(usual, after_s, state):
    text = body(snapshot(state, runs=[run()], usual=usual), now_ms=NOW_MS + after_s * 1_000)
    assert "<t:" not in text
    assert not re.search(r"\b0(\.0)?(\u2013\d+)? (s|min)\b|-\d", text)


@pytest.mark.parametrize(
    ("state", "text"), [(State.COLLECTING, "Fetching the result"), (State.DELIVERING, "Posting the result")]
)
def test_finished_run_has_no_estimate(state, text):
    told = body(snapshot(state, runs=[run()], usual=learned()))
    assert text in told
    assert "usually" not in told


def test_run_that_lasts_longer_than_half_of_all_runs_should_be_ready_any_moment():
    of = snapshot(runs=[run()], usual=learned())
    assert "any moment" not in body(of, now_ms=NOW_MS + 2_000)
    assert "should be ready any moment (usually 2\u20135 s)" in body(of, now_ms=NOW_MS + 4_000)


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("checking", "checking the order"),
        ("generating", "Generating… · about"),
        ("still_generating", "Still generating… · about"),
        ("finishing", "Generated; the service is fetching the result"),
        ("of another version", "The model is working"),
        (None, "The model is working"),
    ],
)
def test_phases_in_the_log_are_shown(phase, words):
    assert words in body(snapshot(runs=[run(phase=phase)]))


def test_cold_start_is_shown_with_its_usual_duration():
    starting = snapshot(runs=[run(started_ms=None)], usual=learned(high_s=90, slow_start_s=60))
    assert "cold start" not in body(starting, now_ms=NOW_MS + 4_000)
    assert "cold start can take up to 60 s" in body(starting, now_ms=NOW_MS + 6_000)
    assert "cold start" not in body(snapshot(runs=[run()], usual=learned()), now_ms=NOW_MS + 6_000)


def test_start_slower_than_any_measured_one_shows_no_duration():
    starting = snapshot(runs=[run(started_ms=None)], usual=learned())
    assert "slowest cold start so far" in body(starting, now_ms=NOW_MS + 6_000)


def test_slightly_late_run_is_not_called_slow():
    text = body(snapshot(runs=[run()]), now_ms=NOW_MS + 20_000)
    assert "longer" not in text
    assert "usually" not in text


def test_run_that_the_service_has_not_accepted_is_shown_as_waiting():
    unsent = run(state=PredictionState.INTENDED, provider_id=None, submitted_ms=None, created_ms=None, started_ms=None)
    assert "The service is busy; this job will start automatically" in body(snapshot(runs=[unsent]))


def test_slow_job_says_so_and_when_it_will_be_given_up():
    text = body(snapshot(runs=[run()], usual=learned()), now_ms=NOW_MS + 60_000)
    assert "taking longer than usual (usually 2\u20135 s); if it isn't ready after 10 min, I'll stop waiting" in text


def test_slow_job_without_measurements_is_not_compared_to_others():
    text = body(snapshot(runs=[run()]), now_ms=NOW_MS + 60_000)
    assert "usual" not in text
    assert "longer than estimated" in text


def test_progress_bar_shows_the_models_steps():
    assert "▓▓▓▓▓▓▓░░░ · step 3/4" in body(snapshot(runs=[run(step=3, steps=4)]))


def test_progress_bar_is_omitted_if_the_model_reports_no_steps():
    assert "▓" not in body(snapshot(runs=[run()]))
    assert "░" not in body(snapshot(runs=[run(step=0, steps=0)]))


def test_job_with_several_runs_shows_how_many_are_ready():
    # Gateways leave out the end time; a run that failed is not ready.
    failed_run = run(2, PredictionState.FAILED, completed_ms=NOW_MS)
    runs = [run(0, PredictionState.SUCCEEDED), run(1, PredictionState.SUCCEEDED), failed_run, run(3)]
    assert "2 of 4 ready" in body(snapshot(runs=runs, plan=plan(4)))


@pytest.mark.parametrize("state", [State.ACCEPTED, State.WAITING, State.RUNNING])
def test_job_that_can_be_cancelled_has_a_cancel_button(state):
    (button,) = shown(snapshot(state)).buttons
    assert (button.verb, button.job, button.label) == (Verb.CANCEL, "01JOB0000000000000000AB", "Cancel")


@pytest.mark.parametrize("state", [State.COLLECTING, State.DELIVERING, State.DONE, *ENDED])
def test_job_that_cannot_be_cancelled_has_no_button(state):
    assert shown(snapshot(state, captured_mcr=75_000)).buttons == ()


def test_stopping_job_mentions_no_refund_and_has_no_button():
    made = shown(snapshot(cancel_asked_ms=NOW_MS))
    assert "I asked the service to stop" in description_of(made)
    assert "refund" not in description_of(made)
    assert made.buttons == ()


@pytest.mark.parametrize(
    ("visibility", "words"), [(Visibility.PRIVATE, "find the result in /jobs"), (Visibility.DM, "direct message")]
)
def test_long_private_job_says_how_a_late_result_arrives(visibility, words):
    assert words in body(snapshot(visibility=visibility, plan=plan(typical_s=300)))


def test_quick_private_job_does_not_mention_late_results():
    assert "/jobs" not in body(snapshot(visibility=Visibility.PRIVATE))


def test_result_shows_model_aspect_seed_and_price():
    made = shown(delivered(order=order(aspect="1:1"), runs=[run(seed=62182)]))
    assert made.content == "✅ **Ready** · <@30> · flux-schnell · 1:1 · seed 62182 · 75 credits"
    assert made.mention == 30


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize("state", State)
def test_balance_is_shown_to_the_member_only(state, locale, visibility):
    of = replace(snapshot(state, captured_mcr=75_000, visibility=visibility), balance_mcr=98_765_000)
    made = shown(of, say=Texts.load().speech(locale))
    private_result = visibility is not Visibility.CHANNEL and of.job.has_paid_results
    assert ("98,765" in f"{made.content} {embed_of(made).to_dict()}") is private_result


def test_requested_seed_is_shown_if_the_logs_contain_none():
    assert "seed 7 ·" in shown(delivered(order=order(seed=7))).content


def test_four_pictures_are_attached_with_alt_texts():
    made = shown(delivered(artefacts=[replace(artefact(n), number=n + 1) for n in range(4)], plan=plan(4)))
    assert [one.artefact.number for one in made.files] == [1, 2, 3, 4]
    assert made.files[2].alt == "AI-generated: picture 3 of 4, a lighthouse in fog (flux-schnell)"
    assert embed_of(made).image.url is None


def test_video_shows_its_duration_resolution_and_file_size():
    clip = artefact(media="video/mp4", name="clip.mp4", duration_ms=8_000, width=1280, height=720, size=6_400_000)
    made = shown(delivered(artefacts=[clip], order=order(task=Task.VIDEO)))
    assert "8 s · 1280\u00d7720 · 6.4 MB" in made.content
    assert embed_of(made).video.url is None
    assert embed_of(made).image.url is None


def test_pictures_blocked_by_the_filter_are_mentioned_and_not_charged():
    runs = [run(n, PredictionState.SUCCEEDED) for n in range(3)] + [
        run(3, PredictionState.FAILED, failure=failed("content-filtered").job.failure)
    ]
    held = {"plan": plan(4, milli_credits=300_000), "held_mcr": 300_000, "captured_mcr": 225_000}
    text = body(delivered(runs=runs, artefacts=[artefact(n) for n in range(3)], **held))
    assert "3 of 4 pictures delivered; the model's filter blocked 1. Charged 225 of 300 credits." in text


def test_failed_pictures_are_mentioned_and_not_charged():
    held = {"plan": plan(2, milli_credits=150_000), "held_mcr": 150_000}
    assert "1 of 2 pictures delivered; 1 failed. Charged 75 of 150 credits." in body(delivered(**held))


def test_failure_shows_outcome_charge_advice_and_job_id():
    made = shown(failed("model-failed", facts={"detail": "out of memory"}))
    assert made.content == "❌ **Failed** · <@30> · flux-schnell"
    assert "The model failed (its message: *out of memory*)." in description_of(made)
    assert "Nothing was charged; 75 credits released." in description_of(made)
    assert "Try again" in description_of(made)
    assert embed_of(made).footer.text == "Job K7QF-2M"


def test_cancelled_job_is_not_shown_as_failed():
    made = shown(failed("cancelled-by-member", State.CANCELLED))
    assert made.content.startswith("⏹️ **Cancelled**")
    assert "75 credits released" in description_of(made)


def test_job_without_a_prompt_shows_its_file():
    assert "📎 photo." in body(snapshot(order=order(task=Task.REMOVEBG, prompt=None, files=(attachment(),))))


def test_job_of_an_earlier_result_shows_its_file_unless_it_mentions_that_job():
    reused = replace(attachment("easel-AAAA-22-1.png"), artefact="J/1", url="")
    made = snapshot(order=order(task=Task.UPSCALE, prompt=None, files=(reused,)))
    assert "📎 easel-AAAA-22-1." in body(made)
    below = replace(made, lineage=Lineage(Parent("J", Relation.UPSCALE, 1), "AAAA-22"))
    assert "Upscaled from job AAAA-22" in body(below)
    assert "📎" not in body(below)


def test_alt_text_without_a_prompt_mentions_the_model():
    made = shown(delivered(order=order(prompt=None)))
    assert made.files[0].alt == "AI-generated: made from imagine (flux-schnell)"


def test_note_is_added_below_the_description():
    noted = shown(delivered()).with_note("a note")
    assert description_of(noted).endswith("\n\na note")
    assert description_of(shown(delivered())) != description_of(noted)


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
def test_card_is_always_within_discords_limits(prompt, model, aspect, detail, state, seeds, captured, say):
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
    assert len(embed_of(made)) <= 6_000
    assert len(description_of(made)) <= 4_096
    assert len(made.files) <= 10
    assert all(0 < len(one.alt) <= 1_024 for one in made.files)
    assert len(made.buttons) <= 5
    assert made.content


@given(prompt=st.text("<@everyon>&12 #`*[](https:/.)\n", max_size=400))
def test_prompt_never_pings_anyone(prompt):
    made = shown(delivered(order=order(prompt=prompt)))
    message = f"{made.content}\n{description_of(made)}".replace("<@30>", "")
    assert "@everyone" not in message
    assert "://" not in message
    assert "<@" not in message.replace("\\<@", "")


def test_only_the_jobs_member_is_mentioned():
    assert shown(delivered(member=99)).mention == 99
    assert job().member == 30


@pytest.mark.parametrize("ahead_ms", [-90_000, 0, 45_000])
def test_timestamps_use_discords_clock_despite_the_providers_offset(ahead_ms):
    times = {"submitted_ms": NOW_MS + ahead_ms, "created_ms": NOW_MS + ahead_ms}
    waiting = snapshot(runs=[run(started_ms=None, **times)], deadline_ms=NOW_MS + 600_000, usual=learned())

    def at(now_ms):
        return description_of(card(waiting, SAY, now_ms=now_ms, ahead_ms=ahead_ms))

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
def test_long_public_job_offers_a_notification_by_direct_message(changes, offered):
    made = shown(snapshot(**changes))
    assert (Verb.NOTIFY in [button.verb for button in made.buttons]) is offered


@pytest.mark.parametrize(
    ("ping", "expected"),
    [(Ping.NEVER, ""), (Ping.LONG, "I'll ping you here if it takes more than a minute"), (Ping.ALWAYS, "when it")],
)
def test_long_job_says_whether_the_member_will_be_pinged(ping, expected):
    text = body(snapshot(plan=plan(typical_s=180), ping=ping))
    assert expected in text
    assert ("You don't need to wait" in text) is bool(expected)
    assert "You don't need to wait" not in body(snapshot(plan=plan(typical_s=60), ping=ping))


@pytest.mark.parametrize(
    ("background", "expected"),
    [
        ("#ff8800", r" · background \#ff8800 · "),
        ("#87ceeb", " · background sky blue · "),
        ("transparent", " · transparent · "),
    ],
)
def test_result_shows_its_background_colour(background, expected):
    ordered = order(task=Task.REMOVEBG, prompt=None, background=background, files=(attachment(),))
    assert expected in shown(delivered(order=ordered)).content
    assert expected not in shown(delivered()).content
