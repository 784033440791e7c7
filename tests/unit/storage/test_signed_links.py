from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from bot.storage.secret_key import SecretKey
from bot.storage.signed_links import SignedLinks
from tests.manual_clock import ManualClock

NAME = "ab/abcdef-job-1.png"


def parts(link):
    address = urlsplit(link)
    query = parse_qs(address.query)
    return address.path.removeprefix("/easel/files/"), query["ex"][0], query["hm"][0]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def links(clock):
    return SignedLinks("https://host/easel/", b"k" * 32, clock)


def test_link_opens_its_file(links):
    assert parts(links.to(NAME, life_s=60))[0] == NAME
    assert links.opens(*parts(links.to(NAME, life_s=60)))


async def test_link_works_until_its_expiry_time(links, clock):
    made = parts(links.to(NAME, life_s=60))
    await clock.advance(58)
    assert links.opens(*made)
    await clock.advance(3)
    assert not links.opens(*made)


def test_link_is_invalid_for_another_file_or_expiry_time(links):
    name, expires, signature = parts(links.to(NAME, life_s=60))
    assert not links.opens("ab/other.png", expires, signature)
    assert not links.opens(name, f"{int(expires, 16) + 1:x}", signature)
    assert not links.opens(name, expires, signature[:-1])
    assert not links.opens(name, expires, "")
    assert not links.opens(name, expires, "ü" * 64)


def test_link_signed_with_another_key_is_invalid(links, clock):
    other = SignedLinks("https://host/easel", b"o" * 32, clock)
    assert not other.opens(*parts(links.to(NAME, life_s=60)))


def test_derived_key_is_stable_and_differs_from_the_seals_own_and_other_purposes():
    key = Fernet.generate_key()
    derived = SecretKey(key).derive("links")
    assert derived == SecretKey(key).derive("links")
    assert len(derived) == 32
    assert derived != SecretKey(key).derive("something else")
    assert derived != SecretKey(Fernet.generate_key()).derive("links")
