"""Tests that keys keep the form that earlier releases have stored: another form could repeat a transfer."""

from bot.ledger import keys


def test_keys_have_the_forms_that_are_stored():
    assert keys.interaction(7) == "i:7"
    assert keys.capture("j") == "cap:j"
    assert keys.release("j") == "rel:j"
    assert keys.new_guild(7) == "new:7"
    assert keys.play_money(7, 8) == "play:7:8"
