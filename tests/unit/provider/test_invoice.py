"""Invoices of every format: what can be read for certain is read, and the rest is unknown, never 0."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.invoice import MOST_BYTES, MOST_ROWS, UnreadableInvoice, read_invoice

PLAIN = "id,model,cost\np1,flux,0.003\np2,veo,1.5\n"


def costs(text: str | bytes):
    content = text if isinstance(text, bytes) else text.encode()
    return [(line.id, line.usd) for line in read_invoice(content).lines]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        b'"id","model","cost"\n"p1","flux","0.003"\n"p2","veo","1.5"',
        "任务ID,模型,费用\np1,flux,0.003\np2,veo,1.5\n".encode("gb18030"),
        b"Acme Inc.\nInvoice 7, October\n\nModel,Prediction ID,Cost (USD),Notes\nflux,p1,$0.003,\nveo,p2,1.50 USD,x\n",
        b"id,cost,currency\np1,0.003,USD\np2,1.5,usd\n\n , \n",
        b"id;cost\np1;0,003\np2;1,5\n",
        b"id,cost\np1,3e-3\np2,15E-1\n",
        b"id,prediction_id,price,cost\n1,p1,9,0.003\n2,p2,9,1.5\n",
        b"prediction,amount_cny,amount_usd\np1,0.02,0.003\np2,10,1.5\n",
    ],
)
def test_invoices_from_any_program_are_read(content):
    assert costs(content) == [("p1", Fraction(3, 1_000)), ("p2", Fraction(3, 2))]


@pytest.mark.parametrize(
    ("typed", "usd"),
    [
        ("", None),
        ("-", None),
        ("n/a", None),
        ("1.2.3", None),
        ("1e999999999", None),
        ("9" * 50, None),
        ("NaN", None),
        ("0x10", None),
        ("0", Fraction(0)),
        ("-0.5", Fraction(-1, 2)),
        ("(0.5)", Fraction(-1, 2)),
        ('"1,234.5"', Fraction(2_469, 2)),
        ('"1,234"', Fraction(1_234)),
        ('"0,003"', Fraction(3, 1_000)),
        ('"1.234,5"', Fraction(2_469, 2)),
        ("\uff11", Fraction(1)),
    ],
)
def test_amount_that_is_not_certain_is_unknown(typed, usd):
    assert costs(f"id,cost\np1,{typed}\n") == [("p1", usd)]


def test_ambiguous_comma_leaves_the_amount_unknown():
    assert costs("id;cost\np1;1,234\n") == [("p1", None)]


@pytest.mark.parametrize("header", ["id,cost,currency\np1,1,EUR", "id,cost (CNY)\np1,1", "id,amount_eur\np1,1"])
def test_amount_in_another_currency_is_unknown(header):
    assert costs(header) == [("p1", None)]


def test_columns_that_are_not_understood_are_listed():
    found = read_invoice(b"id,cost,gpu hours,,status\np1,1,2,3,ok\n")
    assert found.unknown_columns == ["gpu hours", "status"]
    assert found.has_ids


@pytest.mark.parametrize(
    "stamp", ["2026-11-03T00:00:00Z", "2026/11/03 00:00:00", "2026-11-03", "1793664000", "1793664000000"]
)
def test_times_are_read(stamp):
    assert read_invoice(f"id,cost,created_at\np1,1,{stamp}\n".encode()).lines[0].at_ms == 1_793_664_000_000


def test_spending_is_read_from_the_history_of_a_balance():
    with_amounts = b"date,amount,balance\n2026-11-01,20,20\n2026-11-02,-0.5,19.5\n2026-11-03,,19\n"
    assert costs(with_amounts) == [("", 0), ("", Fraction(1, 2)), ("", None)]
    oldest_first = "date,balance\n2026-11-01,20\n2026-11-02,19.5\n2026-11-03,39.5\n2026-11-04,39\n"
    head, *rows = oldest_first.splitlines()
    newest_first = "\n".join((head, *reversed(rows)))
    for text in (oldest_first, newest_first):
        assert costs(text) == [("", Fraction(1, 2)), ("", 0), ("", Fraction(1, 2))]
        assert not read_invoice(text.encode()).has_ids


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "invoice-no-columns"),
        (b"id,cost\0\np1,1\n", "invoice-no-text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "invoice-no-text"),
        (b"hello\nworld\n", "invoice-no-columns"),
        (b"cost\n1\n", "invoice-no-columns"),
        (b'id,cost\np1,"' + b"x" * 200_000, "invoice-no-text"),
        (b"id,cost" + b"," * 5_000 + b"\n", "invoice-no-columns"),
        (b"id,cost\n" + b"p,1\n" * MOST_ROWS, "invoice-rows"),
        (b"x" * (MOST_BYTES + 1), "file-larger"),
    ],
)
def test_file_that_is_not_an_invoice_is_refused(content, reason):
    with pytest.raises(UnreadableInvoice) as refused:
        read_invoice(content)
    assert refused.value.reason == reason


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"id,cost\n{text}".encode()))
def test_reading_fails_in_no_other_way_for_any_content(content):
    try:
        lines = read_invoice(content).lines
    except UnreadableInvoice:
        return
    assert all(line.usd is None or isinstance(line.usd, Fraction) for line in lines)


@pytest.mark.parametrize("piece", ['"', ",", ";", "\n", '"\n', '",', "1,", "9", "(", "é", "=,", "\r"])
def test_largest_allowed_file_of_any_content_is_read_in_seconds(piece):
    begun = time.process_time()
    for head in ("", "id,cost\n", "id;cost\np;"):
        try:
            read_invoice((head + piece * (MOST_BYTES // len(piece.encode())))[: MOST_BYTES // 4].encode())
        except UnreadableInvoice:
            continue
    assert time.process_time() - begun < 20
