"""Tests of the exact request bodies for models with peculiarities."""

from dataclasses import replace
from typing import Any

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, Task
from bot.catalogue.payload import fill
from bot.catalogue.plan import FileSlot, SecretSlot
from bot.errors import EaselError, InvalidOrder, ModelDisabled, ModelUnavailable, UnknownModel, UnusableFile
from tests.unit.catalogue.orders import a_file, an_order

IMAGE, MASK, VIDEO, AUDIO = (a_file(role) for role in (FileRole.IMAGE, FileRole.MASK, FileRole.VIDEO, FileRole.AUDIO))
FIRST, LAST, REFERENCE = (a_file(role) for role in (FileRole.FIRST_FRAME, FileRole.LAST_FRAME, FileRole.REFERENCE))


def body(catalogue, model, task=Task.IMAGINE, **options):
    """Return the input of the only request."""
    (request,) = catalogue.plan(an_order(model, task, **options)).requests
    return request.body["input"]


def refusal(catalogue, model, task=Task.IMAGINE, error: type[EaselError] = InvalidOrder, **options):
    with pytest.raises(error) as refused:
        catalogue.plan(an_order(model, task, **options))
    return str(refused.value)


def test_options_that_are_not_set_are_not_sent(catalogue):
    assert body(catalogue, "black-forest-labs/flux-schnell", prompt="a cat") == {"prompt": "a cat", "num_outputs": 1}


def test_flux_schnell_supports_all_of_its_options(catalogue):
    options = {"aspect": "16:9", "count": 4, "seed": 7, "format": "png", "resolution": "0.25"}
    assert body(catalogue, "black-forest-labs/flux-schnell", prompt="a cat", **options) == {
        "prompt": "a cat",
        "aspect_ratio": "16:9",
        "num_outputs": 4,
        "seed": 7,
        "output_format": "png",
        "megapixels": "0.25",
    }


def test_one_picture_model_gets_a_request_with_the_next_seed_for_each_picture(catalogue):
    plan = catalogue.plan(an_order("black-forest-labs/flux-1.1-pro", prompt="a cat", count=3, seed=41))
    assert [request.body["input"]["seed"] for request in plan.requests] == [41, 42, 43]
    assert (plan.outputs, plan.quote.milli_credits) == (3, 3_000_000)


def test_several_requests_without_a_seed_are_all_random(catalogue):
    plan = catalogue.plan(an_order("black-forest-labs/flux-1.1-pro", prompt="a cat", count=2))
    assert [request.body["input"] for request in plan.requests] == [{"prompt": "a cat"}] * 2


def test_seed_above_the_maximum_wraps_around(catalogue):
    order = an_order("ideogram-ai/ideogram-v2-turbo", prompt="a cat", count=2, seed=2_147_483_647)
    assert [request.body["input"]["seed"] for request in catalogue.plan(order).requests] == [2_147_483_647, 0]


def test_ideogram_mask_is_inverted_because_it_repaints_black(catalogue):
    inputs = body(catalogue, "ideogram-ai/ideogram-v2-turbo", Task.ERASE, prompt="grass", files=(IMAGE, MASK))
    assert inputs == {"prompt": "grass", "image": FileSlot("image"), "mask": FileSlot("mask", invert=True)}


@pytest.mark.parametrize("model", ["black-forest-labs/flux-fill-pro", "stability-ai/sdxl"])
def test_masks_of_other_models_are_not_inverted(catalogue, model):
    assert body(catalogue, model, Task.ERASE, prompt="grass", files=(IMAGE, MASK))["mask"] == FileSlot("mask")


def test_ideogram_accepts_a_picture_only_with_a_mask(catalogue):
    message = refusal(catalogue, "ideogram-ai/ideogram-v2-turbo", prompt="a cat", files=(IMAGE,))
    assert message == "ideogram-ai/ideogram-v2-turbo: image only works together with mask"


@pytest.mark.parametrize("option", [{"resolution": "None"}, {"style": "None"}])
def test_strings_that_mean_none_are_not_offered_to_members(catalogue, option):
    assert "must be one of" in refusal(catalogue, "ideogram-ai/ideogram-v2-turbo", prompt="a cat", **option)


def test_recraft_accepts_either_an_aspect_or_a_resolution(catalogue):
    model = "recraft-ai/recraft-v3"
    assert body(catalogue, model, prompt="a cat", aspect="16:9") == {"prompt": "a cat", "aspect_ratio": "16:9"}
    assert body(catalogue, model, prompt="a cat", resolution="1820x1024") == {"prompt": "a cat", "size": "1820x1024"}
    message = refusal(catalogue, model, prompt="a cat", aspect="16:9", resolution="1024x1024")
    assert message == "recraft-ai/recraft-v3: resolution is ignored by this model when aspect is given"
    assert "must be one of: 1:1" in refusal(catalogue, model, prompt="a cat", aspect="Not set")


def test_recraft_supports_only_its_own_styles(catalogue):
    inputs = body(catalogue, "recraft-ai/recraft-v3-svg", Task.SVG, prompt="a cat", style="linocut")
    assert inputs == {"prompt": "a cat", "style": "linocut"}
    assert "must be one of: any, engraving" in refusal(
        catalogue, "recraft-ai/recraft-v3-svg", Task.SVG, prompt="a", style="oil"
    )


def test_stable_diffusion_aspects_use_allowed_sides(catalogue):
    inputs = body(catalogue, "stability-ai/stable-diffusion", prompt="a cat", aspect="16:9")
    assert inputs == {"prompt": "a cat", "height": 576, "width": 1024, "num_outputs": 1}


def test_kling_lip_sync_requires_either_audio_or_text(catalogue):
    model = "kwaivgi/kling-lip-sync"
    spoken = body(catalogue, model, Task.LIPSYNC, text="hello", voice="zh_genshin_klee2", files=(VIDEO,))
    assert spoken == {"video_url": FileSlot("video", link=True), "text": "hello", "voice_id": "zh_genshin_klee2"}
    sung = body(catalogue, model, Task.LIPSYNC, files=(VIDEO, AUDIO))
    assert sung == {"video_url": FileSlot("video", link=True), "audio_file": FileSlot("audio")}
    assert "exactly one" in refusal(catalogue, model, Task.LIPSYNC, text="hello", files=(VIDEO, AUDIO))
    assert "exactly one" in refusal(catalogue, model, Task.LIPSYNC, files=(VIDEO,))
    assert "exactly one" in refusal(catalogue, model, Task.LIPSYNC, text="hello")


def test_file_without_a_link_is_refused_if_the_model_needs_one(catalogue):
    def planned(**file):
        order = an_order("kwaivgi/kling-lip-sync", Task.LIPSYNC, text="hello", files=(a_file(FileRole.VIDEO, **file),))
        return catalogue.plan(order).requests[0].body["input"]["video_url"]

    with pytest.raises(UnusableFile, match="must be attached"):
        planned(url="")
    assert planned(url="", artefact="job:video").link  # a stored file gets its link later, from the job


def test_lip_sync_price_is_exact_for_a_result_and_an_upper_bound_for_an_upload(catalogue):
    def quote(file):
        return catalogue.plan(an_order("kwaivgi/kling-lip-sync", Task.LIPSYNC, text="hello", files=(file,))).quote

    attached = a_file(FileRole.VIDEO, name="a.mp4", duration_ms=5_000)
    result = replace(attached, url="", artefact="job/1", duration_ms=5_042)
    assert (quote(attached).milli_credits, quote(attached).upper_bound) == (3_500_000, True)
    assert (quote(result).milli_credits, quote(result).upper_bound) == (1_764_700, False)
    with pytest.raises(UnusableFile, match=r"is 1\.5 s long"):
        quote(replace(result, duration_ms=1_500))


@pytest.mark.parametrize(
    ("mode", "model"), [("crisp", "recraft-crisp-upscale"), ("creative", "recraft-creative-upscale")]
)
def test_upscale_style_selects_the_model_and_is_not_sent(catalogue, mode, model):
    order = an_order("", Task.UPSCALE, style=mode, files=(a_file(),))
    chosen = catalogue.default(Task.UPSCALE, order)
    assert chosen.label == model
    assert body(catalogue, chosen.id, Task.UPSCALE, style=mode, files=(a_file(),)) == {"image": FileSlot("image")}


def test_voice_requires_text(catalogue):
    message = refusal(catalogue, "kwaivgi/kling-lip-sync", Task.LIPSYNC, voice="en_AOT", files=(VIDEO, AUDIO))
    assert message.endswith("voice only works together with text")


def test_kling_lip_sync_offers_all_46_voices(catalogue):
    assert len(catalogue.get("kwaivgi/kling-lip-sync").choices("voice")) == 46


def test_riffusion_prompts_have_other_input_names(catalogue):
    inputs = body(catalogue, "riffusion/riffusion", Task.MUSIC, prompt="jazz", prompt_end="techno")
    assert inputs == {"prompt_a": "jazz", "prompt_b": "techno"}
    assert "seed is not supported" in refusal(catalogue, "riffusion/riffusion", Task.MUSIC, prompt="jazz", seed=4)


def test_riffusion_result_is_the_audio_file(catalogue):
    output = catalogue.get("riffusion/riffusion").output
    assert output.results(("https://x/s.jpg", "https://x/a.wav?sig=1"), 1) == ("https://x/a.wav?sig=1",)
    assert output.results(("data:image/jpeg;base64,AA==", "data:audio/wav;base64,AA=="), 1)[0].startswith("data:audio")
    assert output.results(("https://x/1", "https://x/2"), 1) == ("https://x/1",)


def test_animation_result_is_the_last_file_of_the_list(catalogue):
    output = catalogue.get("andreasjansson/stable-diffusion-animation").output
    assert output.results(("https://x/1.gif", "https://x/2.gif"), 1) == ("https://x/2.gif",)


def test_results_are_found_for_a_model_no_longer_in_the_catalogue(catalogue):
    assert catalogue.results("acme/gone", ("https://x/1", "https://x/2"), 1) == ("https://x/1",)
    assert catalogue.results("andreasjansson/stable-diffusion-animation", ("https://x/1", "https://x/2"), 1) == (
        "https://x/2",
    )


def test_animation_requires_both_prompts(catalogue):
    model = "andreasjansson/stable-diffusion-animation"
    options = {"prompt": "dawn", "prompt_end": "dusk", "aspect": "3:2", "format": "mp4"}
    assert body(catalogue, model, Task.VIDEO, **options) == {
        "prompt_start": "dawn",
        "prompt_end": "dusk",
        "width": 768,
        "height": 512,
        "output_format": "mp4",
    }
    assert catalogue.plan(an_order(model, Task.VIDEO, **options)).media == "video/mp4"
    assert "prompt_end is required" in refusal(catalogue, model, Task.VIDEO, prompt="dawn")


def test_animate_diff_renames_the_negative_prompt_and_refuses_seed_0(catalogue):
    model = "lucataco/animate-diff"
    inputs = body(catalogue, model, Task.VIDEO, prompt="rain", negative="people", seed=3)
    assert inputs == {"prompt": "rain", "n_prompt": "people", "seed": 3}
    assert "must be 1 or more" in refusal(catalogue, model, Task.VIDEO, prompt="rain", seed=0)


def test_vace_always_gets_a_size_and_never_the_random_seed_value(catalogue):
    model = "prunaai/vace-14b"
    assert body(catalogue, model, Task.VIDEO, prompt="rain") == {"prompt": "rain", "size": "832*480"}
    assert body(catalogue, model, Task.VIDEO, prompt="rain", aspect="9:16")["size"] == "480*832"
    assert body(catalogue, model, Task.VIDEO, prompt="rain", aspect="9:16", resolution="720p")["size"] == "720*1280"
    assert "must be 0 or more" in refusal(catalogue, model, Task.VIDEO, prompt="rain", seed=-1)


def test_vace_accepts_a_list_of_pictures_and_a_mask_only_with_a_video(catalogue):
    model = "prunaai/vace-14b"
    two = (a_file(FileRole.REFERENCE, "reference1"), a_file(FileRole.REFERENCE, "reference2"))
    inputs = body(catalogue, model, Task.VIDEO, prompt="rain", files=two)
    assert inputs["src_ref_images"] == [FileSlot("reference1"), FileSlot("reference2")]
    assert "only works together with video" in refusal(catalogue, model, Task.VIDEO, prompt="rain", files=(MASK,))
    moving = a_file(FileRole.MASK, content_type="video/mp4", name="mask.mp4")
    inputs = body(catalogue, model, Task.VIDEO, prompt="rain", files=(VIDEO, moving))
    assert (inputs["src_video"], inputs["src_mask"]) == (FileSlot("video"), FileSlot("mask"))


@pytest.mark.parametrize("model", ["minimax/hailuo-02", "minimax/hailuo-2.3"])
def test_hailuo_always_gets_the_priced_resolution(catalogue, model):
    inputs = body(catalogue, model, Task.VIDEO, prompt="rain", files=(FIRST,))
    assert inputs == {
        "prompt": "rain",
        "first_frame_image": FileSlot("first_frame"),
        "duration": 6,
        "resolution": "768p",
    }
    assert catalogue.get(model).seconds_choices == (6,)
    assert catalogue.get(model).resolutions == ("768p",)


def test_kling_assigns_first_last_and_reference_pictures(catalogue):
    inputs = body(catalogue, "kwaivgi/kling-v1.6-pro", Task.VIDEO, prompt="rain", files=(REFERENCE, LAST, FIRST))
    assert inputs == {
        "prompt": "rain",
        "start_image": FileSlot("first_frame"),
        "end_image": FileSlot("last_frame"),
        "reference_images": [FileSlot("reference")],
        "duration": 5,
    }


def test_kling_1_6_pro_requires_a_first_or_last_frame(catalogue):
    message = refusal(catalogue, "kwaivgi/kling-v1.6-pro", Task.VIDEO, prompt="rain")
    assert message.endswith("first_frame is required (or last_frame)")


def test_aspect_that_kling_would_ignore_is_refused(catalogue):
    message = refusal(catalogue, "kwaivgi/kling-v2.0", Task.VIDEO, prompt="rain", aspect="1:1", files=(FIRST,))
    assert message == "kwaivgi/kling-v2.0: aspect is ignored by this model when first_frame is given"


def test_kling_refuses_a_fifth_reference_picture(catalogue):
    files = tuple(a_file(FileRole.REFERENCE, f"reference{n}") for n in range(5))
    message = refusal(catalogue, "kwaivgi/kling-v1.6-standard", Task.VIDEO, prompt="rain", files=files)
    assert message.endswith("reference4 is one file too many")


def test_multi_image_kontext_requires_two_pictures(catalogue):
    model = "flux-kontext-apps/multi-image-kontext-pro"
    files = (IMAGE, a_file(FileRole.IMAGE, "image2"))
    inputs = body(catalogue, model, Task.EDIT, prompt="together", files=files)
    assert inputs == {
        "prompt": "together",
        "input_image_1": FileSlot("image"),
        "input_image_2": FileSlot("image2"),
    }
    assert "image is required" in refusal(catalogue, model, Task.EDIT, prompt="together", files=(IMAGE,))


def test_kontext_requires_a_picture_only_for_edits(catalogue):
    model = "black-forest-labs/flux-kontext-pro"
    assert body(catalogue, model, prompt="a cat") == {"prompt": "a cat"}
    assert refusal(catalogue, model, Task.EDIT, prompt="a hat").endswith("image is required for edit")


def test_object_removal_requires_the_objects_to_remove(catalogue):
    model = "sujaykhandekar/object-removal"
    inputs = body(catalogue, model, Task.ERASE, what="dog,bench", files=(IMAGE,))
    assert inputs == {"image_path": FileSlot("image"), "objects_to_remove": "dog,bench"}
    assert "what is required" in refusal(catalogue, model, Task.ERASE, files=(IMAGE,))


def test_rembg_requires_a_picture_although_its_schema_does_not(catalogue):
    assert refusal(catalogue, "cjwbw/rembg", Task.REMOVEBG).endswith("image is required")


def test_background_colour_is_applied_by_easel_and_not_sent(catalogue):
    model = "lucataco/remove-bg"
    inputs = body(catalogue, model, Task.REMOVEBG, background="#ff8800", files=(IMAGE,))
    assert inputs == {"image": FileSlot("image")}
    assert "a colour name such as" in refusal(catalogue, model, Task.REMOVEBG, background="blue", files=(IMAGE,))


def test_fixed_length_or_format_may_be_requested(catalogue):
    inputs = body(catalogue, "wavespeedai/wan-2.1-t2v-480p", Task.VIDEO, prompt="x", seconds=5, resolution="480p")
    assert inputs == {"prompt": "x"}
    assert body(catalogue, "stability-ai/sdxl", prompt="x", format="png") == {"prompt": "x", "num_outputs": 1}
    assert "it is always 5" in refusal(catalogue, "wavespeedai/wan-2.1-t2v-480p", Task.VIDEO, prompt="x", seconds=10)
    assert "it is always png" in refusal(catalogue, "stability-ai/sdxl", prompt="x", format="webp")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"prompt": "  "}, "prompt is required"),
        ({"prompt": "x", "negative": "y"}, "negative is not supported by this model; it supports prompt, aspect, seed"),
        ({"prompt": "x", "aspect": "7:5"}, "aspect must be one of: 1:1, 16:9, 21:9"),
        ({"prompt": "x", "count": 5}, "count must be from 1 to 4"),
        ({"prompt": "x", "count": 0}, "count must be from 1 to 4"),
        ({"prompt": "x", "seed": -5}, "seed must be 0 or more"),
        ({"prompt": "x", "files": (IMAGE,)}, "image is not supported by this model; it accepts no files"),
        ({"prompt": "x", "lora": "frosting"}, "lora is not supported"),
        ({"prompt": "x", "background": "transparent"}, "background is not supported"),
    ],
)
def test_unsupported_flux_schnell_option_is_refused_with_the_supported_ones(catalogue, options, problem):
    assert problem in refusal(catalogue, "black-forest-labs/flux-schnell", **options)


def test_strength_requires_a_picture(catalogue):
    model = "black-forest-labs/flux-dev"
    assert refusal(catalogue, model, prompt="x", strength=0.3).endswith("strength only works together with image")
    assert body(catalogue, model, prompt="x", strength=0.3, files=(IMAGE,))["prompt_strength"] == 0.3
    assert "strength must be from 0 to 1" in refusal(catalogue, model, prompt="x", strength=1.5, files=(IMAGE,))


def test_unsupported_task_is_refused(catalogue):
    message = refusal(catalogue, "lucataco/remove-bg", Task.UPSCALE, files=(IMAGE,))
    assert message.endswith("task is upscale, but this model does removebg")


def test_unknown_model_is_refused(catalogue):
    assert "black-forest-labs/flux-9" in refusal(catalogue, "black-forest-labs/flux-9", prompt="x", error=UnknownModel)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"size": 5_000_001}, "at most 5000000"),
        ({"width": 200}, "at least 256 on each side"),
        ({"width": 4097, "height": 300}, "at most 4096 on each side"),
        ({"width": 4096, "height": 4096}, "at most 16000000 in total"),
        ({"name": "cat.gif"}, "is .gif, but the model accepts png, jpg, jpeg, webp"),
        ({"content_type": "video/mp4"}, "is video/mp4, but the model accepts image here"),
    ],
)
def test_file_beyond_the_vendors_limits_is_refused_by_its_metadata(catalogue, changes, problem):
    files = (a_file(FileRole.IMAGE, **changes),)
    message = refusal(catalogue, "recraft-ai/recraft-vectorize", Task.VECTORIZE, error=UnusableFile, files=files)
    assert problem in message


@pytest.mark.parametrize("length_ms", [1_999, 10_001])
def test_lip_sync_refuses_a_video_of_unsupported_length(catalogue, length_ms):
    order = an_order("kwaivgi/kling-lip-sync", Task.LIPSYNC, files=(VIDEO, AUDIO))
    with pytest.raises(UnusableFile, match="but the model accepts 2 to 10 s"):
        catalogue.plan(order, measured_ms=length_ms)


def test_unknown_file_metadata_is_not_checked(catalogue):
    bare = a_file(FileRole.IMAGE, width=None, height=None, content_type=None, name="file")
    assert body(catalogue, "recraft-ai/recraft-vectorize", Task.VECTORIZE, files=(bare,)) == {
        "image": FileSlot("image")
    }


GPT = "openai/gpt-image-1"


@pytest.fixture
def with_gpt(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(f'[models."{GPT}"]\nenabled = true\n')
    return own


def test_gpt_image_1_is_off_until_enabled_with_a_key(catalogue, with_gpt):
    assert "not turned it on" in refusal(catalogue, GPT, prompt="x", error=ModelDisabled)
    keyless = Catalogue.load(with_gpt)
    assert "needs OPENAI_API_KEY" in refusal(keyless, GPT, prompt="x", error=ModelDisabled)
    assert catalogue.get(GPT) not in catalogue.find("gpt")


def test_gpt_image_1_gets_its_key_only_when_the_request_is_sent(with_gpt):
    catalogue = Catalogue.load(with_gpt, openai_key=True)
    options = {"count": 2, "format": "jpg", "background": "transparent", "files": (IMAGE,)}
    plan = catalogue.plan(an_order(GPT, Task.EDIT, prompt="x", **options))
    (request,) = plan.requests
    assert request.body["input"] == {
        "openai_api_key": SecretSlot("openai_api_key"),
        "prompt": "x",
        "input_images": [FileSlot("image")],
        "number_of_images": 2,
        "background": "transparent",
        "output_format": "jpeg",
    }
    assert plan.media == "image/jpeg"
    sent: Any = fill(request.body, {"image": "https://x/a"}, {"openai_api_key": "sk-1"})
    assert (sent["input"]["openai_api_key"], sent["input"]["input_images"]) == ("sk-1", ["https://x/a"])
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY is not set"):
        fill(request.body, {"image": "https://x/a"})


def test_link_of_an_inverted_mask_is_preferred():
    body = {"input": {"mask": FileSlot("mask", invert=True), "image": FileSlot("image")}}
    links = {FileSlot("mask", invert=True): "https://x/inverted", "mask": "https://x/plain", "image": "https://x/i"}
    assert fill(body, links) == {"input": {"mask": "https://x/inverted", "image": "https://x/i"}}
