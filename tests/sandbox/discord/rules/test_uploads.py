"""Tests of file sizes and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules import uploads
from sandbox.discord.rules.uploads import MIB, Upload, check_sizes, stored_name
from tests.sandbox.discord.rules.request_bodies import refused


def file(size: int, index: int = 0) -> Upload:
    return Upload(index, f"{index}.png", size)


@pytest.mark.parametrize(("tier", "limit"), [(0, 10 * MIB), (1, 10 * MIB), (2, 50 * MIB), (3, 100 * MIB)])
def test_guild_boost_tier_decides_the_file_size_limit(tier: int, limit: int) -> None:
    assert uploads.guild_limit(tier) == limit
    check_sizes([file(limit)], upload_limit=limit)
    error = refused(lambda: check_sizes([file(limit + 1)], upload_limit=limit))
    assert error.code == 50045


def test_each_file_and_the_whole_request_have_size_limits() -> None:
    check_sizes([file(8 * MIB, n) for n in range(3)], upload_limit=10 * MIB)
    check_sizes([file(10 * MIB), file(10 * MIB, 1), file(5 * MIB, 2)], upload_limit=10 * MIB)
    error = refused(lambda: check_sizes([file(9 * MIB, n) for n in range(3)], upload_limit=10 * MIB))
    assert (error.status, error.code) == (413, 40005)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("cat.png", "cat.png"),
        ("my cat.png", "my_cat.png"),
        ("kätzchen (1).png", "ktzchen_1.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\cat.png", "cat.png"),
        (".env", "env"),
        ("猫", "unknown"),
        ("SPOILER_cat.png", "SPOILER_cat.png"),
    ],
)
def test_file_names_are_made_safe(given_name: str, kept: str) -> None:
    assert stored_name(given_name) == kept


@given(st.text(max_size=80))
def test_sanitizing_a_file_name_twice_changes_nothing(name: str) -> None:
    kept = stored_name(name)
    assert kept
    assert kept.isascii()
    assert "/" not in kept
    assert stored_name(kept) == kept


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.jpeg", "a.webp", "a.gif"])
def test_picture_types_can_be_embedded(name: str) -> None:
    assert uploads.embeddable(name)


@pytest.mark.parametrize("name", ["a.mp4", "a.avif", "a.heic", "a.svg", "png", "a"])
def test_other_file_types_cannot_be_embedded(name: str) -> None:
    assert not uploads.embeddable(name)
