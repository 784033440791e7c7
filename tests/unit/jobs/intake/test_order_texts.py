"""Tests of which texts of an order are checked against prompt rules."""

from dataclasses import fields, replace

from bot.catalogue.order import Order, Task
from bot.jobs.intake.intake import texts_of

CHOSEN = {"model", "aspect", "resolution", "format", "background", "voice", "lora"}
"""Texts that members choose from a list, or that name something instead of describing it."""


def test_every_text_that_a_member_writes_is_checked():
    texts = {one.name for one in fields(Order) if one.type in ("str | None", str | None)} - CHOSEN
    order = replace(Order(Task.IMAGINE, "a/model"), **{name: f"its {name}" for name in texts})
    assert texts >= {"prompt", "negative", "text", "what"}
    assert set(texts_of(order)) == {f"its {name}" for name in texts}
    assert texts_of(replace(order, advanced=(("lyrics", "la la"),)))[-1] == "la la"
