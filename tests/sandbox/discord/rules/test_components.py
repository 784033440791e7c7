"""Tests of the validation of a message's components."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.components import check_classic, check_v2, named_attachments, walk
from sandbox.discord.rules.field_checks import Body, FieldErrors
from tests.sandbox.discord.rules.request_bodies import Json, broken, button, link, problems, row, select, text

ATTACHED = ("cat.png", "film.mp4")


def classic(*components: object) -> None:
    errors = FieldErrors()
    check_classic(Body({"components": list(components)}, errors), attached=ATTACHED)
    errors.refuse()


def v2(*components: object) -> None:
    errors = FieldErrors()
    check_v2(Body({"components": list(components)}, errors), attached=ATTACHED)
    errors.refuse()


def wrong(*components: object) -> list[tuple[str, str]]:
    return problems(lambda: classic(*components))


def wrong_v2(*components: object) -> list[tuple[str, str]]:
    return problems(lambda: v2(*components))


def container(*components: Json, **more: object) -> Json:
    return {"type": 17, "components": list(components), **more}


def gallery(*urls: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def section(*texts: Json, accessory: Json | None = None) -> Json:
    thumbnail = {"type": 11, "media": {"url": "attachment://cat.png"}}
    return {"type": 9, "components": list(texts), "accessory": accessory or thumbnail}


FIRST = "components.0.components.0"


class TestRows:
    def test_five_rows_of_five_buttons_are_accepted(self) -> None:
        rows = [row(*(button(f"{r}.{n}") for n in range(5))) for r in range(5)]
        classic(*rows)
        assert wrong(*rows, row(button("one more"))) == [("components", "BASE_TYPE_MAX_LENGTH")]

    def test_sixth_button_in_a_row_is_rejected(self) -> None:
        found = wrong(row(*(button(str(n)) for n in range(6))))
        assert found == [("components.0.components", "BASE_TYPE_BAD_LENGTH")]

    def test_select_must_be_alone_in_its_row(self) -> None:
        classic(row(select()))
        assert wrong(row(select("a"), select("b"))) == [
            ("components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED")
        ]
        assert wrong(row(button(), select())) == [("components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED")]

    def test_empty_row_is_rejected(self) -> None:
        assert wrong(row()) == [("components.0.components", "BASE_TYPE_REQUIRED")]

    @pytest.mark.parametrize("inner", [{"type": 4, "custom_id": "x", "style": 1}, text(), row(button())])
    def test_invalid_components_in_a_row_are_rejected(self, inner: Json) -> None:
        assert wrong(row(inner)) == [(FIRST, "UNION_TYPE_CHOICES")]

    def test_button_requires_a_row(self) -> None:
        assert wrong(button()) == [("components.0", "UNION_TYPE_CHOICES")]

    def test_component_requires_a_type(self) -> None:
        assert wrong({"components": []}) == [("components.0.type", "BASE_TYPE_REQUIRED")]
        assert wrong("button") == [("components.0", "MODEL_TYPE_CONVERT")]


class TestCustomIds:
    def test_custom_id_can_have_100_characters(self) -> None:
        classic(row(button("x" * 100)))
        assert wrong(row(button("x" * 101))) == [(f"{FIRST}.custom_id", "BASE_TYPE_BAD_LENGTH")]

    def test_empty_custom_id_counts_as_missing(self) -> None:
        assert wrong(row(button(""))) == [(f"{FIRST}.custom_id", "BASE_TYPE_REQUIRED")]

    def test_custom_ids_are_unique_even_on_disabled_components(self) -> None:
        assert wrong(row(button("same")), row(button("same", disabled=True))) == [
            ("components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED")
        ]
        assert wrong(row(button("same")), row(select("same"))) == [
            ("components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED")
        ]

    def test_component_ids_are_unique_except_zero(self) -> None:
        classic(row(button("a", id=0), button("b", id=0), button("c", id=3)))
        assert wrong(row(button("a", id=3), button("b", id=3))) == [
            ("components.0.components.1.id", "COMPONENT_ID_DUPLICATED")
        ]


class TestButtons:
    def test_button_label_is_validated(self) -> None:
        classic(row(button(label="x" * 80)))
        assert wrong(row(button(label="x" * 81))) == [(f"{FIRST}.label", "BASE_TYPE_MAX_LENGTH")]
        assert wrong(row(button(label=None))) == [(f"{FIRST}.label", "BASE_TYPE_REQUIRED")]
        classic(row(button(label=None, emoji={"name": "🎨"})))

    @pytest.mark.parametrize("style", [1, 2, 3, 4])
    def test_interactive_button_has_a_custom_id_and_no_url(self, style: int) -> None:
        classic(row(button(style=style)))
        assert wrong(row(broken(button(style=style), "custom_id", ...))) == [
            (f"{FIRST}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED")
        ]
        assert wrong(row(button(style=style, url="https://example.org/"))) == [
            (f"{FIRST}.url", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE")
        ]

    def test_link_button_has_a_url_and_no_custom_id(self) -> None:
        base = "https://example.org/"
        classic(row(link(url=base + "x" * (512 - len(base)))), row(link(), link()))
        assert wrong(row(link(url=base + "x" * 512))) == [(f"{FIRST}.url", "BASE_TYPE_MAX_LENGTH")]
        assert wrong(row(link(url=None))) == [(f"{FIRST}.url", "BASE_TYPE_REQUIRED")]
        assert wrong(row(link(url="steam://connect/host"))) == [(f"{FIRST}.url", "URL_TYPE_INVALID_SCHEME")]
        assert wrong(row(link(custom_id="x"))) == [
            (f"{FIRST}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE")
        ]

    def test_premium_button_has_only_a_sku(self) -> None:
        classic(row({"type": 2, "style": 6, "sku_id": "1"}))
        assert wrong(row({"type": 2, "style": 6})) == [(f"{FIRST}.sku_id", "BASE_TYPE_REQUIRED")]
        assert wrong(row({"type": 2, "style": 6, "sku_id": "1", "label": "Buy"})) == [
            (f"{FIRST}.label", "BUTTON_COMPONENT_PREMIUM_FIELD")
        ]

    @pytest.mark.parametrize("style", [0, 7, None, "primary", True])
    def test_there_are_six_button_styles(self, style: object) -> None:
        code = "BASE_TYPE_REQUIRED" if style is None else "BASE_TYPE_CHOICES"
        assert wrong(row(button(style=style))) == [(f"{FIRST}.style", code)]

    @pytest.mark.parametrize("name", ["🎨", "❤️", "👍🏽", "👨‍👩‍👧", "🇩🇪", "1️⃣", "✖️", "↩️", "‼️"])
    def test_valid_emoji_is_accepted(self, name: str) -> None:
        assert wrong(row(button(emoji={"name": name}))) == []

    @pytest.mark.parametrize(
        "name", ["art", ":art:", "", "ä", "猫", "…", None, 5, "🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨🎨"]
    )
    def test_invalid_emoji_is_rejected(self, name: object) -> None:
        assert wrong(row(button(emoji={"name": name}))) == [(f"{FIRST}.emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI")]

    def test_custom_emoji_requires_an_id(self) -> None:
        classic(row(button(emoji={"name": "easel", "id": "123", "animated": False})))
        assert wrong(row(button(emoji={"id": "easel"}))) == [(f"{FIRST}.emoji.id", "NUMBER_TYPE_COERCE")]


class TestSelects:
    def test_select_has_at_most_25_options(self) -> None:
        classic(row(select(options=25)))
        assert wrong(row(select(options=26))) == [(f"{FIRST}.options", "BASE_TYPE_BAD_LENGTH")]
        assert wrong(row(select(options=0))) == [(f"{FIRST}.options", "BASE_TYPE_REQUIRED")]

    @pytest.mark.parametrize("key", ["label", "value", "description"])
    def test_option_texts_are_validated(self, key: str) -> None:
        code = "BASE_TYPE_MAX_LENGTH" if key == "description" else "BASE_TYPE_BAD_LENGTH"
        classic(row(broken(select(), f"options.0.{key}", "x" * 100)))
        assert wrong(row(broken(select(), f"options.0.{key}", "x" * 101))) == [(f"{FIRST}.options.0.{key}", code)]

    def test_option_values_are_unique(self) -> None:
        found = wrong(row(broken(select(), "options.1.value", "0")))
        assert found == [(f"{FIRST}.options.1.value", "COMPONENT_OPTION_VALUE_DUPLICATED")]

    def test_defaults_cannot_exceed_the_maximum(self) -> None:
        both = broken(broken(select(), "options.0.default", True), "options.1.default", True)
        assert wrong(row(both)) == [(f"{FIRST}.options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES")]
        classic(row({**both, "max_values": 2}))

    def test_placeholder_length_is_limited(self) -> None:
        classic(row(select(placeholder="x" * 150)))
        assert wrong(row(select(placeholder="x" * 151))) == [(f"{FIRST}.placeholder", "BASE_TYPE_MAX_LENGTH")]

    def test_select_bounds_must_fit_the_options_and_each_other(self) -> None:
        classic(row(select(min_values=0, max_values=2)))
        assert wrong(row(select(max_values=3))) == [(f"{FIRST}.max_values", "NUMBER_TYPE_MAX")]
        assert wrong(row(select(max_values=0))) == [(f"{FIRST}.max_values", "NUMBER_TYPE_MIN")]
        assert wrong(row(select(min_values=2, max_values=1))) == [(f"{FIRST}.min_values", "NUMBER_TYPE_MAX")]
        assert wrong(row(select(min_values=2))) == [(f"{FIRST}.min_values", "NUMBER_TYPE_MAX")]

    @pytest.mark.parametrize("kind", [5, 6, 7, 8])
    def test_user_role_and_channel_selects_are_validated(self, kind: int) -> None:
        classic(row({"type": kind, "custom_id": "x", "max_values": 25}))
        assert wrong(row({"type": kind, "custom_id": "x", "max_values": 26})) == [
            (f"{FIRST}.max_values", "NUMBER_TYPE_MAX")
        ]
        defaults = [{"id": "1", "type": "pet"}]
        assert wrong(row({"type": kind, "custom_id": "x", "default_values": defaults})) == [
            (f"{FIRST}.default_values.0.type", "BASE_TYPE_CHOICES")
        ]


class TestV2:
    def test_every_top_level_component_is_accepted(self) -> None:
        file = {"type": 13, "file": {"url": "attachment://film.mp4"}}
        separator = {"type": 14, "divider": False, "spacing": 2}
        gallery_of_cat = gallery("attachment://cat.png")
        every = (row(button()), section(text()), text(), gallery_of_cat, file, separator, container(text()))
        assert wrong_v2(*every) == []

    @pytest.mark.parametrize("component", [button(), {"type": 11, "media": {"url": "https://example.org/x"}}, select()])
    def test_other_top_level_components_are_rejected(self, component: Json) -> None:
        assert wrong_v2(component) == [("components.0", "UNION_TYPE_CHOICES")]

    def test_message_has_at_most_40_components_including_nested_ones(self) -> None:
        v2(container(*(text() for _ in range(39))))
        assert wrong_v2(container(*(text() for _ in range(40)))) == [
            ("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED")
        ]
        nested = [section(text()) for _ in range(13)]
        v2(*nested)
        v2(*nested, text())
        assert wrong_v2(*nested, text(), text())[0][1] == "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"

    def test_texts_have_at_most_4000_characters_in_total(self) -> None:
        v2(text("x" * 4000))
        v2(text("x" * 2000), container(text("x" * 1000), section(text("x" * 1000))))
        assert wrong_v2(text("x" * 2000), container(section(text("x" * 2001)))) == [
            ("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED")
        ]

    @pytest.mark.parametrize("content", ["", "  ", None])
    def test_empty_text_is_rejected(self, content: str | None) -> None:
        assert wrong_v2({"type": 10, "content": content}) == [("components.0.content", "BASE_TYPE_REQUIRED")]

    def test_gallery_has_1_to_10_items(self) -> None:
        v2(gallery(*["https://example.org/x.png"] * 10))
        assert wrong_v2(gallery(*["https://example.org/x.png"] * 11)) == [
            ("components.0.items", "BASE_TYPE_BAD_LENGTH")
        ]
        assert wrong_v2(gallery()) == [("components.0.items", "BASE_TYPE_REQUIRED")]

    def test_gallery_can_show_attached_files_and_videos(self) -> None:
        v2(gallery("attachment://cat.png", "attachment://film.mp4"))
        assert wrong_v2(gallery("attachment://dog.png")) == [
            ("components.0.items.0.media.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND")
        ]
        assert wrong_v2(gallery("")) == [("components.0.items.0.media.url", "URL_TYPE_INVALID_URL")]
        assert wrong_v2({"type": 12, "items": [{"media": {}}]}) == [
            ("components.0.items.0.media.url", "BASE_TYPE_REQUIRED")
        ]

    def test_alt_text_length_is_limited(self) -> None:
        item = {"media": {"url": "attachment://cat.png"}, "description": "x" * 1024}
        v2({"type": 12, "items": [item]})
        assert wrong_v2({"type": 12, "items": [{**item, "description": "x" * 1025}]}) == [
            ("components.0.items.0.description", "BASE_TYPE_MAX_LENGTH")
        ]

    def test_file_component_requires_an_attached_file(self) -> None:
        assert wrong_v2({"type": 13, "file": {"url": "https://example.org/x"}}) == [
            ("components.0.file.url", "UNFURLED_MEDIA_ITEM_ATTACHMENT_REQUIRED")
        ]
        assert wrong_v2({"type": 13}) == [("components.0.file", "BASE_TYPE_REQUIRED")]

    def test_section_has_1_to_3_texts_and_an_accessory(self) -> None:
        v2(section(text(), text(), text()), section(text(), accessory=button()))
        assert wrong_v2(section(*[text()] * 4)) == [("components.0.components", "BASE_TYPE_BAD_LENGTH")]
        assert wrong_v2(section()) == [("components.0.components", "BASE_TYPE_REQUIRED")]
        assert wrong_v2(section(row(button()))) == [("components.0.components.0", "UNION_TYPE_CHOICES")]
        assert wrong_v2(section(text(), accessory=text())) == [("components.0.accessory", "UNION_TYPE_CHOICES")]
        assert wrong_v2({"type": 9, "components": [text()]}) == [("components.0.accessory", "BASE_TYPE_REQUIRED")]

    def test_container_is_validated(self) -> None:
        v2(container(text(), accent_color=0xFFFFFF, spoiler=True))
        assert wrong_v2(container()) == [("components.0.components", "BASE_TYPE_REQUIRED")]
        assert wrong_v2(container(container(text()))) == [("components.0.components.0", "UNION_TYPE_CHOICES")]
        assert wrong_v2(container(text(), accent_color=1 << 24)) == [("components.0.accent_color", "NUMBER_TYPE_MAX")]

    def test_separator_is_validated(self) -> None:
        assert wrong_v2({"type": 14, "spacing": 3}) == [("components.0.spacing", "BASE_TYPE_CHOICES")]

    def test_custom_ids_are_unique_at_every_depth(self) -> None:
        found = wrong_v2(container(row(button("same"))), section(text(), accessory=button("same")))
        assert found == [("components.1.accessory.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED")]


def test_files_shown_by_components_are_found() -> None:
    file = {"type": 13, "file": {"url": "attachment://film.mp4"}}
    shown = named_attachments([container(gallery("attachment://cat.png", "https://example.org/x"), file)])
    assert shown == {"cat.png", "film.mp4"}
    assert named_attachments([section(text())]) == {"cat.png"}


def trees(depth: int = 3) -> st.SearchStrategy[Json]:
    leaf = st.builds(text, st.text(min_size=1, max_size=5))
    if depth == 0:
        return leaf
    return leaf | st.builds(lambda inner: container(*inner), st.lists(trees(depth - 1), max_size=4))


def count(components: list[Json]) -> int:
    return sum(1 + count(one.get("components", [])) for one in components)


@given(st.lists(trees(), max_size=6))
def test_every_component_is_counted_once(components: list[Json]) -> None:
    found: Iterator[object] = walk(components)
    assert len(list(found)) == count(components)
