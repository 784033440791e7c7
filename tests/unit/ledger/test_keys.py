"""Tests that keys keep the form that earlier releases have stored: another form could repeat a transfer."""

from bot.ledger import keys


def test_keys_have_the_forms_that_are_stored():
    assert keys.interaction(7) == "i:7"
    assert keys.capture("j") == "cap:j"
    assert keys.release("j") == "rel:j"
    assert keys.new_guild(7) == "new:7"
    assert keys.play_money(7, 8) == "play:7:8"
    assert keys.refund("j", "takedown") == "ref:j:takedown"
    assert keys.allowance(7, 8, "2026-11") == "alw:7:8:2026-11"
    assert keys.gift(7) == "gift:7"
    assert keys.entitlement(7) == "ent:7"
    assert keys.entitlement_refund(7) == "entref:7"
    assert keys.grant_approval(7) == "ok:7"
    assert keys.grant_denial(7) == "no:7"
    assert keys.erasure(7) == "era:7"


def test_ids_in_keys_are_replaced_and_no_other_part():
    assert keys.with_member(keys.allowance(7, 7, "2026-07"), 9) == keys.allowance(7, 9, "2026-07")
    assert keys.with_member(keys.play_money(7, 7), 9) == keys.play_money(7, 9)
    assert keys.with_guild(keys.play_money(7, 7), 9) == keys.play_money(9, 7)
    assert keys.with_guild(keys.new_guild(7), 9) == keys.new_guild(9)
    for key in (keys.interaction(7), keys.capture("7"), keys.gift(7), keys.entitlement(7), keys.grant_approval(7)):
        assert keys.with_member(key, 9) == keys.with_guild(key, 9) == key
