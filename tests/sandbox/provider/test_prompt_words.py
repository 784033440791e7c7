"""Tests of the words in square brackets in a prompt, which trigger special outcomes."""

import io

import aiohttp
import av
import pytest

from sandbox.provider import prompt_words
from tests.sandbox.provider.conftest import picture, running

HAILUO = "/v1/models/minimax/hailuo-02/predictions"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("fail", "(E9828)"),
        ("interrupt", "Prediction interrupted; please retry (code: PA)"),
        ("busy", "(E003)"),
        ("memory", "(E1001)"),
        ("filter", "NSFW content detected"),
    ],
)
async def test_each_failure_word_fails_the_run(provider, word, text):
    made = await provider.made({"prompt": f"a cat [{word}]"})
    assert (made["status"], "output" in made) == ("failed", False)
    assert text in made["error"]


async def test_models_without_a_safety_checker_fail_with_a_code(provider):
    made = await provider.made({"prompt": "[filter]"}, path=HAILUO)
    assert "(E005)" in made["error"]


async def test_partial_returns_fewer_pictures(provider):
    made = await provider.made({"prompt": "[partial]", "num_outputs": 4})
    assert len(made["output"]) == 3
    assert "Total safe images: 3 out of 4" in made["logs"]


async def test_half_of_several_pictures_can_be_withheld(provider):
    made = await provider.made({"prompt": "[half]", "num_outputs": 4})
    assert len(made["output"]) == 2
    assert "Total safe images: 2 out of 4" in made["logs"]


async def test_partial_filters_every_second_run_of_single_pictures(provider):
    statuses = [(await provider.made({"prompt": "[partial]"}))["status"] for _ in range(4)]
    assert statuses == ["succeeded", "failed", "succeeded", "failed"]


async def test_slow_and_cold_make_runs_longer():
    async def times(prompt):
        async with running() as provider:
            created = (await provider.create({"prompt": prompt})).body
            run = provider.sandbox.runs.get(created["id"])
            assert run is not None
            return run.starts - run.created, run.ends - run.starts

    usual, slow, cold = await times("x"), await times("[slow]"), await times("[cold]")
    assert slow[1] / usual[1] == pytest.approx(10)
    assert cold[0] - usual[0] == pytest.approx(45)


async def test_never_makes_a_run_continue_until_cancelled(provider):
    created = (await provider.create({"prompt": "[never]"})).body
    provider.sandbox.clock.advance(50_000)
    assert (await provider.get(created["id"])).body["status"] == "processing"
    assert (await provider.call("POST", f"/v1/predictions/{created['id']}/cancel")).body["status"] == "canceled"


async def test_odd_shows_an_unknown_status_during_the_run(provider):
    created = (await provider.create({"prompt": "[odd]"}, path=HAILUO)).body
    provider.sandbox.clock.advance(30)
    assert (await provider.get(created["id"])).body["status"] == "warming"
    assert (await provider.ended(created["id"]))["status"] == "succeeded"


async def test_aborted_ends_the_run_before_its_start(provider):
    made = await provider.made({"prompt": "[aborted]"})
    assert (made["status"], made["output"]) == ("aborted", None)


@pytest.mark.parametrize(("word", "least"), [("huge", 10_485_760), ("enormous", 30_000_000)])
@pytest.mark.parametrize("form", ["webp", "jpg", "png"])
async def test_huge_makes_a_large_picture_that_decodes(provider, word, least, form):
    given = {"prompt": f"[{word}]", "output_format": form, "megapixels": "0.25"}
    made = await provider.made(given)
    _, data, _ = await provider.file(made["output"][0])
    assert len(data) > least
    assert picture(data).size == (512, 512)


@pytest.mark.parametrize(("word", "least"), [("huge", 11_000_000), ("enormous", 33_000_000), ("gigantic", 91_000_000)])
def test_words_for_large_files_say_how_large(word, least):
    assert prompt_words.find_words({"prompt": f"a cat [{word}]"}).padded_to == least


async def test_huge_makes_a_large_video_that_plays(fine_provider):
    made = await fine_provider.made({"prompt": "[huge]", "resolution": "512p"}, path=HAILUO)
    _, data, _ = await fine_provider.file(made["output"])
    assert len(data) > 10_485_760
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) == 60


async def test_broken_makes_output_that_does_not_decode(provider):
    made = await provider.made({"prompt": "[broken]"})
    with pytest.raises(OSError, match="cannot identify"):
        picture((await provider.file(made["output"][0]))[1])


async def test_html_makes_output_links_return_a_page(provider):
    made = await provider.made({"prompt": "[html]"})
    status, data, content_type = await provider.file(made["output"][0])
    assert (status, content_type, data[:9]) == (200, "text/html", b"<!doctype")


async def test_expired_deletes_the_output_at_the_end_of_the_run(provider):
    made = await provider.made({"prompt": "[expired]"})
    assert (made["status"], made["output"], made["data_removed"]) == ("succeeded", None, True)


async def test_empty_word_gives_a_run_without_output(provider):
    made = await provider.made({"prompt": "[empty]"})
    assert (made["status"], made["output"]) == ("succeeded", [])


async def test_lost_creates_the_prediction_but_drops_the_response(provider):
    with pytest.raises(aiohttp.ClientError):
        await provider.create({"prompt": "[lost]"})
    [row] = await provider.control("predictions")
    assert row["input"] == {"prompt": "[lost]"}
    assert (await provider.ended(row["id"]))["status"] == "succeeded"


async def test_control_lists_the_words_with_their_effects(provider):
    listed = await provider.control("words")
    assert listed["[lost]"]
    assert len(listed) == len(prompt_words.WORDS)


def test_words_are_found_in_any_text_input_but_not_in_data_urls():
    given = {"a": {"prompt_b": ["x [Slow] y"]}, "image": "data:image/png;base64,[fail]"}
    assert prompt_words.find_words(given).words == {"slow"}


def test_words_are_removed_from_the_caption():
    assert prompt_words.remove_words("a cat [slow] in a [box]") == "a cat in a [box]"
