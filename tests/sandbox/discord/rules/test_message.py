"""Tests of the validation of messages: each rule is broken once and obeyed exactly at its limit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules import message
from sandbox.discord.rules.error_codes import DiscordError
from sandbox.discord.rules.message import COMPONENTS_V2, EPHEMERAL, Current, Route, check_create, check_edit
from sandbox.discord.rules.uploads import MIB, Upload
from sandbox.discord.world.state import LOADING
from tests.sandbox.discord.rules.request_bodies import Json, button, embed, problems, refused, row, text

LIMIT = 10 * MIB
CAT = Upload(0, "cat.png", 1000)
V2: Json = {"flags": COMPONENTS_V2, "components": [text()]}


def create(payload: object, *files: Upload, route: Route = Route.CHANNEL) -> None:
    check_create(payload, files, upload_limit=LIMIT, route=route)


def wrong(payload: object, *files: Upload, route: Route = Route.CHANNEL) -> list[tuple[str, str]]:
    return problems(lambda: create(payload, *files, route=route))


def edit(payload: object, current: Current, *files: Upload) -> None:
    check_edit(payload, current, files, upload_limit=LIMIT)


def wrong_edit(payload: object, current: Current, *files: Upload) -> list[tuple[str, str]]:
    return problems(lambda: edit(payload, current, *files))


class TestContent:
    def test_content_has_at_most_2000_characters(self) -> None:
        create({"content": "x" * 2000})
        assert wrong({"content": "x" * 2001}) == [("content", "BASE_TYPE_MAX_LENGTH")]

    def test_characters_are_counted_not_bytes(self) -> None:
        assert wrong({"content": "猫" * 2000}) == []

    def test_content_must_be_text(self) -> None:
        assert wrong({"content": 5}) == [("content", "STRING_TYPE_CONVERT")]

    @pytest.mark.parametrize("payload", [{}, {"content": ""}, {"content": None}, {"content": " \n "}, {"embeds": []}])
    def test_empty_message_is_rejected(self, payload: Json) -> None:
        assert refused(lambda: create(payload)).code == 50006

    @pytest.mark.parametrize("payload", [None, [], "content", 3])
    def test_body_must_be_an_object(self, payload: object) -> None:
        assert wrong(payload) == [("", "MODEL_TYPE_CONVERT")]

    @pytest.mark.parametrize(
        "payload",
        [{"embeds": [embed()]}, {"components": [row(button())]}, {"sticker_ids": ["1"]}, V2],
    )
    def test_message_without_content_needs_another_part(self, payload: Json) -> None:
        assert wrong(payload) == []

    def test_message_can_consist_of_a_file(self) -> None:
        assert wrong({}, CAT) == []

    def test_all_problems_are_reported_at_once(self) -> None:
        found = wrong({"content": "x" * 2001, "tts": "yes", "embeds": [{"title": "x" * 257}]})
        assert [path for path, _ in found] == ["content", "tts", "embeds.0.title"]


class TestNonce:
    def test_nonce_has_at_most_25_characters(self) -> None:
        create({"content": "x", "nonce": "n" * 25, "enforce_nonce": True})
        assert wrong({"content": "x", "nonce": "n" * 26}) == [("nonce", "BASE_TYPE_MAX_LENGTH")]

    def test_nonce_may_be_a_number(self) -> None:
        assert wrong({"content": "x", "nonce": 12345}) == []

    @pytest.mark.parametrize("nonce", [True, 1.5, ["n"]])
    def test_nonce_of_another_type_is_rejected(self, nonce: object) -> None:
        assert wrong({"content": "x", "nonce": nonce}) == [("nonce", "NUMBER_TYPE_COERCE")]

    def test_enforce_nonce_requires_a_nonce(self) -> None:
        assert wrong({"content": "x", "enforce_nonce": True}) == [("nonce", "BASE_TYPE_REQUIRED")]


class TestFlags:
    @pytest.mark.parametrize("route", [Route.CHANNEL, Route.INTERACTION])
    @pytest.mark.parametrize("flag", [message.SUPPRESS_EMBEDS, message.SUPPRESS_NOTIFICATIONS])
    def test_flags_for_channels_and_interactions_are_accepted(self, route: Route, flag: int) -> None:
        assert wrong({"content": "x", "flags": flag}, route=route) == []

    def test_only_an_interaction_response_can_be_private(self) -> None:
        create({"content": "x", "flags": EPHEMERAL}, route=Route.INTERACTION)
        assert wrong({"content": "x", "flags": EPHEMERAL}) == [("flags", "MESSAGE_FLAGS_INVALID")]

    @pytest.mark.parametrize("flag", [1, 1 << 7, 1 << 30])
    def test_flags_reserved_for_discord_are_rejected(self, flag: int) -> None:
        found = wrong({"content": "x", "flags": flag}, route=Route.INTERACTION)
        assert found == [("flags", "MESSAGE_FLAGS_INVALID")]

    def test_edit_can_repeat_but_not_add_the_ephemeral_flag(self) -> None:
        assert wrong_edit({"flags": EPHEMERAL}, Current("x")) == [("flags", "MESSAGE_FLAGS_INVALID")]
        edit({"flags": EPHEMERAL}, Current("x", flags=EPHEMERAL))


class TestSmallFields:
    def test_message_has_at_most_3_stickers(self) -> None:
        create({"sticker_ids": ["1", "2", "3"]})
        assert wrong({"sticker_ids": ["1", "2", "3", "4"]}) == [("sticker_ids", "BASE_TYPE_MAX_LENGTH")]
        assert wrong({"sticker_ids": ["one"]}) == [("sticker_ids.0", "NUMBER_TYPE_COERCE")]

    def test_reply_requires_a_message_id(self) -> None:
        create({"content": "x", "message_reference": {"message_id": "1", "fail_if_not_exists": False}})
        assert wrong({"content": "x", "message_reference": {}}) == [
            ("message_reference.message_id", "BASE_TYPE_REQUIRED")
        ]
        assert wrong({"content": "x", "message_reference": {"message_id": "abc"}}) == [
            ("message_reference.message_id", "NUMBER_TYPE_COERCE")
        ]

    def test_poll_has_limits(self) -> None:
        answers = [{"poll_media": {"text": "a" * 55}} for _ in range(10)]
        poll: Json = {"question": {"text": "q" * 300}, "answers": answers, "duration": 32 * 24}
        create({"poll": poll})
        long_question = {**poll, "question": {"text": "q" * 301}}
        assert wrong({"poll": long_question}) == [("poll.question.text", "BASE_TYPE_MAX_LENGTH")]
        assert wrong({"poll": {**poll, "answers": answers * 2}}) == [("poll.answers", "BASE_TYPE_BAD_LENGTH")]
        long_answer = {**poll, "answers": [{"poll_media": {"text": "a" * 56}}]}
        assert wrong({"poll": long_answer}) == [("poll.answers.0.poll_media.text", "BASE_TYPE_MAX_LENGTH")]
        assert wrong({"poll": {**poll, "duration": 769}}) == [("poll.duration", "NUMBER_TYPE_MAX")]


class TestAttachments:
    def test_message_has_at_most_10_files(self) -> None:
        files = [Upload(n, f"{n}.png", 10) for n in range(11)]
        create({}, *files[:10])
        assert refused(lambda: create({}, *files)).code == 30015

    def test_listed_attachment_must_have_been_sent(self) -> None:
        create({"attachments": [{"id": 0, "description": "a cat", "filename": "cat.png"}]}, CAT)
        create({"attachments": [{"id": "0"}]}, CAT)
        found = wrong({"content": "x", "attachments": [{"id": "0"}, {"id": "1"}]}, CAT)
        assert found == [("attachments.1", "ATTACHMENT_NOT_FOUND")]

    def test_sent_file_must_be_in_the_attachment_list_if_there_is_one(self) -> None:
        found = wrong({"content": "x", "attachments": []}, CAT)
        assert found == [("attachments", "ATTACHMENT_NOT_LISTED")]

    def test_attachment_cannot_be_listed_twice(self) -> None:
        found = wrong({"attachments": [{"id": 0}, {"id": 0}]}, CAT)
        assert found == [("attachments.1.id", "SET_TYPE_ALREADY_CONTAINS_VALUE")]

    def test_attachment_list_requires_ids_and_short_descriptions(self) -> None:
        create({"attachments": [{"id": 0, "description": "d" * 1024}]}, CAT)
        assert wrong({"attachments": [{"id": 0, "description": "d" * 1025}]}, CAT) == [
            ("attachments.0.description", "BASE_TYPE_MAX_LENGTH")
        ]
        assert ("attachments.0.id", "BASE_TYPE_REQUIRED") in wrong({"content": "x", "attachments": [{}]})

    def test_each_file_has_a_size_limit(self) -> None:
        create({}, Upload(0, "cat.png", LIMIT))
        assert refused(lambda: create({}, Upload(0, "cat.png", LIMIT + 1))).code == 50045

    def test_edit_keeps_the_listed_attachments(self) -> None:
        current = Current(attachments={77: "old.png"})
        edit({"attachments": [{"id": "77"}, {"id": "0"}]}, current, CAT)
        assert wrong_edit({"content": "x", "attachments": [{"id": "78"}]}, current) == [
            ("attachments.0", "ATTACHMENT_NOT_FOUND")
        ]

    def test_new_and_kept_files_are_counted_together(self) -> None:
        current = Current(attachments={n: f"{n}.png" for n in range(100, 110)})
        assert refused(lambda: edit({}, current, CAT)).code == 30015
        edit({"attachments": [{"id": 0}]}, current, CAT)


class TestMentions:
    def test_allowed_mentions_have_at_most_100_ids(self) -> None:
        create({"content": "x", "allowed_mentions": {"users": [str(n) for n in range(100)]}})
        assert wrong({"content": "x", "allowed_mentions": {"roles": [str(n) for n in range(101)]}}) == [
            ("allowed_mentions.roles", "BASE_TYPE_MAX_LENGTH")
        ]

    @pytest.mark.parametrize("kind", ["users", "roles"])
    def test_mention_type_cannot_be_allowed_as_a_whole_and_by_id(self, kind: str) -> None:
        create({"content": "x", "allowed_mentions": {"parse": [kind], kind: []}})
        assert wrong({"content": "x", "allowed_mentions": {"parse": [kind], kind: ["1"]}}) == [
            ("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")
        ]

    def test_mention_types_and_ids_must_be_valid(self) -> None:
        found = wrong({"content": "x", "allowed_mentions": {"parse": ["here"], "users": ["mira"], "replied_user": 1}})
        assert found == [
            ("allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
            ("allowed_mentions.users.0", "NUMBER_TYPE_COERCE"),
            ("allowed_mentions.replied_user", "BOOLEAN_TYPE_CONVERT"),
        ]


class TestComponentsV2:
    @pytest.mark.parametrize(("field", "value"), [("content", "x"), ("embeds", [embed()]), ("sticker_ids", ["1"])])
    def test_v2_message_rejects_classic_fields(self, field: str, value: object) -> None:
        found = wrong({**V2, field: value})
        assert found == [(field, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]

    def test_v2_message_accepts_empty_classic_fields(self) -> None:
        assert wrong({**V2, "content": None, "embeds": []}) == []
        assert wrong({**V2, "content": "", "poll": None}) == []

    def test_v2_components_require_the_flag(self) -> None:
        assert wrong({"components": [text()]}) == [("components.0", "UNION_TYPE_CHOICES")]

    def test_v2_message_without_components_is_empty(self) -> None:
        assert refused(lambda: create({"flags": COMPONENTS_V2, "components": []})).code == 50006

    @pytest.mark.parametrize("payload", [{"flags": 0}, {"content": "x"}, {"components": [row(button())]}])
    def test_components_v2_flag_cannot_be_removed(self, payload: Json) -> None:
        assert wrong_edit(payload, Current(components=1, flags=COMPONENTS_V2)) == [
            ("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG"),
            *([("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")] if "content" in payload else []),
        ]

    def test_files_of_a_v2_message_can_be_changed_alone(self) -> None:
        before = Current(components=1, flags=COMPONENTS_V2, attachments={7: "old.png"})
        assert wrong_edit({"attachments": []}, before) == []

    @pytest.mark.parametrize(
        ("current", "field"),
        [(Current("x"), "content"), (Current(embeds=1), "embeds"), (Current(attachments={7: "a.png"}), "attachments")],
    )
    def test_edit_to_v2_must_clear_the_classic_fields(self, current: Current, field: str) -> None:
        found = wrong_edit(V2, current)
        assert found == [(field, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]
        edit({**V2, "content": None, "embeds": [], "attachments": []}, current)

    def test_edit_to_v2_can_keep_files_that_it_shows(self) -> None:
        shown = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
        change = {"flags": COMPONENTS_V2, "components": [shown]}
        assert wrong_edit(change, Current(attachments={7: "a.png"})) == []

    def test_deferred_response_can_become_classic_or_v2(self) -> None:
        thinking = Current(flags=LOADING)
        assert wrong_edit(V2, thinking) == []
        assert wrong_edit({"content": "x"}, thinking) == []


class TestEdit:
    def test_fields_missing_from_an_edit_are_kept(self) -> None:
        assert wrong_edit({}, Current("words")) == []
        assert wrong_edit({"content": ""}, Current("words", embeds=1)) == []

    @pytest.mark.parametrize(
        ("payload", "current"),
        [
            ({"content": ""}, Current("words")),
            ({"embeds": []}, Current(embeds=1)),
            ({"attachments": []}, Current(attachments={7: "a.png"})),
            ({"components": None}, Current(components=1)),
            ({}, Current()),
        ],
    )
    def test_edit_cannot_empty_a_message(self, payload: Json, current: Current) -> None:
        assert refused(lambda: edit(payload, current)).code == 50006

    def test_edit_has_the_same_limits(self) -> None:
        assert wrong_edit({"content": "x" * 2001}, Current("x")) == [("content", "BASE_TYPE_MAX_LENGTH")]


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([
    "content", "embeds", "components", "attachments", "allowed_mentions", "flags", "nonce", "poll", "message_reference",
    "sticker_ids", "tts",
])  # fmt: skip


def code_of(payload: object) -> int | None:
    try:
        create(payload)
    except DiscordError as error:
        return error.code
    return None


@given(st.dictionaries(fields, json_values, max_size=5))
def test_any_json_is_accepted_or_rejected_cleanly(payload: Json) -> None:
    assert code_of(payload) in {None, 50035, 50006, 30015}


@given(st.text(max_size=2100))
def test_content_must_have_1_to_2000_characters(content: str) -> None:
    legal = bool(content.strip()) and len(content) <= 2000
    assert (code_of({"content": content}) is None) == legal
