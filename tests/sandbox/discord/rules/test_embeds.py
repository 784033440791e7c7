"""Tests of the validation of embeds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.embeds import characters, check_embeds
from sandbox.discord.rules.field_checks import Body, FieldErrors
from tests.sandbox.discord.rules.request_bodies import Json, broken, embed, problems

FULL: Json = {
    "title": "A lighthouse",
    "description": "in fog",
    "url": "https://example.org/lighthouse",
    "color": 0x57B894,
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
    "image": {"url": "attachment://cat.png"},
    "thumbnail": {"url": "https://example.org/t.webp"},
    "footer": {"text": "0.5 credits", "icon_url": "https://example.org/i.png"},
    "author": {"name": "mira", "url": "https://example.org/", "icon_url": "attachment://cat.png"},
    "fields": [{"name": "Seed", "value": "42", "inline": True}],
}
ATTACHED = ("cat.png", "film.mp4")


def check(*embeds: Json) -> None:
    errors = FieldErrors()
    check_embeds(Body({"embeds": list(embeds)}, errors), attached=ATTACHED)
    errors.refuse()


def wrong(*embeds: Json) -> list[tuple[str, str]]:
    return problems(lambda: check(*embeds))


def test_full_embed_is_accepted() -> None:
    assert wrong(FULL) == []


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("title", 256), ("description", 4096), ("footer.text", 2048), ("author.name", 256), ("fields.0.name", 256),
        ("fields.0.value", 1024),
    ],
)  # fmt: skip
def test_embed_texts_have_length_limits(path: str, most: int) -> None:
    check(broken(FULL, path, "x" * most))
    assert wrong(broken(FULL, path, "x" * (most + 1))) == [(f"embeds.0.{path}", "BASE_TYPE_MAX_LENGTH")]


@pytest.mark.parametrize(
    "path", ["url", "image.url", "thumbnail.url", "author.url", "author.icon_url", "footer.icon_url"]
)
def test_embed_urls_have_length_limits(path: str) -> None:
    base = "https://example.org/"
    check(broken(FULL, path, base + "x" * (2048 - len(base))))
    assert wrong(broken(FULL, path, base + "x" * 2048)) == [(f"embeds.0.{path}", "BASE_TYPE_MAX_LENGTH")]


@pytest.mark.parametrize("path", ["url", "author.url"])
def test_embed_links_must_be_http(path: str) -> None:
    for url in ("attachment://cat.png", "ftp://example.org/", "javascript://x", "data://x"):
        assert wrong(broken(FULL, path, url)) == [(f"embeds.0.{path}", "URL_TYPE_INVALID_SCHEME")]


@pytest.mark.parametrize("url", ["example.org", "https://", "http://[", "https://exa mple.org", ""])
def test_embed_urls_must_be_well_formed(url: str) -> None:
    assert wrong(broken(FULL, "url", url)) == [("embeds.0.url", "URL_TYPE_INVALID_URL")]


@pytest.mark.parametrize("path", ["image.url", "thumbnail.url", "author.icon_url", "footer.icon_url"])
def test_embed_picture_can_be_an_attached_file(path: str) -> None:
    check(broken(FULL, path, "attachment://cat.png"))
    assert wrong(broken(FULL, path, "attachment://dog.png")) == [
        (f"embeds.0.{path}", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND")
    ]


def test_video_is_not_accepted_as_an_embed_picture() -> None:
    assert wrong(broken(FULL, "image.url", "attachment://film.mp4")) == [("embeds.0.image.url", "BASE_TYPE_CHOICES")]


@pytest.mark.parametrize("path", ["fields.0.name", "fields.0.value", "footer.text", "author.name", "image.url"])
@pytest.mark.parametrize("value", [None, ...])
def test_embed_parts_must_be_complete(path: str, value: object) -> None:
    assert wrong(broken(FULL, path, value)) == [(f"embeds.0.{path}", "BASE_TYPE_REQUIRED")]


def test_embed_field_cannot_be_blank() -> None:
    assert wrong(broken(FULL, "fields.0.value", "  ")) == [("embeds.0.fields.0.value", "BASE_TYPE_REQUIRED")]


@pytest.mark.parametrize(
    ("colour", "code"), [(-1, "NUMBER_TYPE_MIN"), (1 << 24, "NUMBER_TYPE_MAX"), ("red", "NUMBER_TYPE_COERCE")]
)
def test_embed_colour_has_24_bits(colour: object, code: str) -> None:
    check(broken(FULL, "color", 0xFFFFFF))
    assert wrong(broken(FULL, "color", colour)) == [("embeds.0.color", code)]


def test_embed_timestamp_must_be_iso_8601() -> None:
    assert wrong(broken(FULL, "timestamp", "yesterday")) == [("embeds.0.timestamp", "DATE_TIME_TYPE_PARSE")]


def test_message_has_at_most_10_embeds_of_25_fields() -> None:
    check(*[embed()] * 10)
    assert wrong(*[embed()] * 11) == [("embeds", "BASE_TYPE_MAX_LENGTH")]
    fields = [{"name": "n", "value": "v"}] * 25
    check(embed(fields=fields))
    assert wrong(embed(fields=[*fields, fields[0]])) == [("embeds.0.fields", "BASE_TYPE_MAX_LENGTH")]


def test_embeds_have_at_most_6000_characters_in_total() -> None:
    check(embed(description="x" * 3000), embed(description="x" * 3000))
    found = wrong(embed(description="x" * 3000), embed(description="x" * 2999, footer={"text": "xx"}))
    assert found == [("embeds", "MAX_EMBED_SIZE_EXCEEDED")]


def test_embed_length_counts_title_description_fields_footer_and_author() -> None:
    assert characters(FULL) == len("A lighthouse" + "in fog" + "0.5 credits" + "mira" + "Seed" + "42")


def test_empty_embed_is_rejected() -> None:
    assert wrong({"color": 5}) == [("embeds.0.description", "BASE_TYPE_REQUIRED")]


def test_embeds_must_be_a_list_of_objects() -> None:
    assert wrong("words") == [("embeds.0", "MODEL_TYPE_CONVERT")]  # pyright: ignore[reportArgumentType]


@given(st.lists(st.integers(1, 4096), min_size=1, max_size=10))
def test_length_limit_applies_to_all_embeds_together(lengths: list[int]) -> None:
    embeds = [embed(description="x" * length) for length in lengths]
    if sum(lengths) <= 6000:
        check(*embeds)
    else:
        assert wrong(*embeds) == [("embeds", "MAX_EMBED_SIZE_EXCEEDED")]
