import re

from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.ids import CROCKFORD, READABLE, long_id, parse_short_id, short_ids

times = st.integers(0, 2**49)


@given(times)
def test_long_id_fits_a_nonce_and_uses_crockfords_alphabet(now_ms):
    made = long_id(now_ms)
    assert len(made) <= 25
    assert set(made) <= set(CROCKFORD)


@given(times, times)
def test_long_ids_sort_by_time(one_ms, other_ms):
    if one_ms < other_ms:
        assert long_id(one_ms) < long_id(other_ms)


def test_long_ids_made_at_the_same_time_differ():
    assert len({long_id(1) for _ in range(1_000)}) == 1_000


def test_short_id_has_no_ambiguous_characters():
    for _ in range(200):
        assert re.fullmatch(f"[{READABLE}]{{4}}-[{READABLE}]{{2}}", short_ids(1)[0])
    assert not set(READABLE) & set("01OILU")


@given(st.sampled_from(["{}", " {} ", "#{}", "{}.", "Job {}", "{}/2", "任务 {}"]))
def test_short_id_is_recognized_in_any_spelling(form):
    (made,) = short_ids(1)
    for typed in (made, made.lower(), made.replace("-", ""), made.replace("-", " ")):
        assert parse_short_id(form.format(typed)) == made
