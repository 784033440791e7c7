from bot.interaction_token import LIFE_MS, PROMISED_MINUTES, USABLE_MS, is_usable


def test_token_is_used_until_shortly_before_discord_forgets_it():
    assert is_usable("token", USABLE_MS)
    assert not is_usable("token", USABLE_MS + 1)
    assert USABLE_MS < LIFE_MS


def test_absent_token_is_never_used():
    assert not is_usable("", 0)


def test_promise_to_members_is_kept_while_the_token_still_works():
    assert PROMISED_MINUTES * 60_000 < USABLE_MS
