"""Tests of statements as people see them: a card with a chart and a file, in three scopes that agree."""

import csv
import io

from bot.ledger.statement_csv import BOM
from tests.wire.stage import is_ready, short_id, text_of

WRONG_INVOICES = {
    b"": "october.csv is empty",
    b"id,cost\n": "october.csv is empty",
    b"\0\0": "save it as CSV",
    b'[{"id": "x", "cost": 1}]': "save it as CSV",
    b"<html><table></table></html>": "save it as CSV",
    b"hello world": "has no columns for a cost",
}
"""Files that are not invoices, and the replies to them."""


async def file_of(stage, message, ending):
    """Download an attachment of a message."""
    (found,) = [one for one in message["attachments"] if one["filename"].endswith(ending)]
    async with stage.http.get(found["url"]) as response:
        assert response.ok
        return found, await response.read()


async def rows_of(stage, message):
    _, content = await file_of(stage, message, ".csv")
    return list(csv.DictReader(io.StringIO(content.decode().removeprefix(BOM), newline="")))


async def test_statements_of_member_server_and_all_servers_agree(stage):
    order = await stage.command("mira", "imagine", prompt="a lighthouse", model="flux-schnell")
    await stage.message_of(order, is_ready)
    grant = {"user": str(stage.world.members["mira"]), "amount": 12.5, "reason": '=HYPERLINK("http://x")'}
    await stage.command("olga", "easel-admin credits grant", **grant)
    available, held = await stage.balance("mira")

    answer = await stage.command("mira", "statement")
    assert answer.private
    mine = await stage.message_of(answer)
    shown = text_of(mine)
    assert "+ 12.5 · grants" in shown
    assert "**By model**\nflux-schnell · 75 (1 job)" in shown
    picture, content = await file_of(stage, mine, ".png")
    assert content.startswith(b"\x89PNG")
    assert "75 were spent" in picture["description"]
    rows = await rows_of(stage, mine)
    assert (rows[-1]["available_after_mcr"], rows[-1]["held_after_mcr"]) == (str(available), str(held))
    assert [row["reason"] for row in rows if row["reason"].endswith('x")')] == ['\'=HYPERLINK("http://x")']

    theirs = await stage.message_of(await stage.command("olga", "easel-admin statement", period="last-7-days"))
    every = await stage.message_of(await stage.command("olga", "easel-ops statement", period="last-7-days"))
    assert "0 of 7 full days" in text_of(theirs)
    of_server, of_all = await rows_of(stage, theirs), await rows_of(stage, every)
    assert of_server == of_all
    assert [row for row in of_server if row["member"] == rows[1]["member"] and row["account"] == "member"]
    pool = await stage.app.ledger.pool(stage.world.guild)
    names = {"available", "held"}
    ends = {name: int(of_server[-1][f"{name}_after_mcr"]) for name in names}
    members = [await stage.balance(name) for name in stage.world.members]
    assert ends == {
        "available": pool.available_mcr + sum(one for one, _ in members),
        "held": pool.held_mcr + sum(one for _, one in members),
    }

    direct = await stage.message_of(await stage.command("mira", "statement", channel="dm:mira"))
    assert await rows_of(stage, direct) == rows

    await stage.app._core.rule_book.set_time_zone(stage.world.guild, "Asia/Tokyo", by=1)
    in_tokyo = await stage.message_of(await stage.command("mira", "statement", period="last-7-days"))
    assert in_tokyo["embeds"][0]["title"].endswith("(Asia/Tokyo)")
    assert (await rows_of(stage, in_tokyo))[0]["time"].endswith("T15:00:00.000Z")

    wrong = await stage.command("mira", "statement", since="3 Nov")
    assert "must be a date such as 2026-11-03" in await stage.text(wrong)
    nothing = await stage.message_of(await stage.command("mira", "statement", since="2020-01-01", until="2020-01-31"))
    assert "No credits moved." in text_of(nothing)
    assert [one["filename"] for one in nothing["attachments"]] == ["statement-2020-01-01-to-2020-01-31.csv"]


async def test_invoice_is_compared_with_captures(stage):
    order = await stage.command("mira", "imagine", prompt="a lighthouse", model="flux-schnell", count=2)
    card = await stage.message_of(order, is_ready)
    second = await stage.command("mira", "imagine", prompt="a harbour", model="flux-schnell")
    await stage.message_of(second, is_ready)
    runs = {run["id"]: run for run in await stage.predictions()}
    per_run = dict.fromkeys(runs, "0.006")
    odd = next(run for run in runs if "harbour" in str(runs[run]["input"]))
    per_run[odd] = "0.5"
    lines = [f"{run},{cost},USD,a note" for run, cost in per_run.items()]
    invoice = "\n".join(["Prediction ID,Cost,Currency,Remarks", *lines, "=1+1,,USD,", ",9,EUR,"])

    async def compared(content: bytes):
        answer = await stage.command("olga", "easel-ops reconcile", files={"file": ("october.csv", content)})
        return await stage.message_of(answer)

    message = await compared(invoice.encode())
    shown = text_of(message)
    assert "Columns that I didn't use: Remarks" in shown
    assert "**1 job differs**" in shown
    assert "invoiced 0.5 USD, expected 0.003 USD" in shown
    assert "1 line is about a run that is not Easel's: unknown" in shown
    assert short_id(card) not in shown
    (odd_row, foreign, unnamed) = await rows_of(stage, message)
    assert (odd_row["finding"], odd_row["invoiced_usd"], odd_row["captured_mcr"]) == ("differs", "0.5", "75000")
    assert (foreign["finding"], foreign["invoiced_usd"], foreign["prediction"]) == ("not Easel's", "", "'=1+1")
    assert (unnamed["finding"], unnamed["invoiced_usd"]) == ("no run named", "")

    totals = text_of(await compared(b"date;balance\n2020-01-01;20\n2020-01-02;19,5\n"))
    assert "The file adds up to 0.5 USD. From 2020-01-02 to 2020-01-02, captured: 0 credits" in totals
    for content, problem in WRONG_INVOICES.items():
        assert problem in text_of(await compared(content)), content
