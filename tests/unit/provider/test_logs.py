import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.logs import LogFacts, Phase, read_logs

SCHNELL = (
    "Using seed: 62182\nrunning quantized prediction\nUsing seed: 62182\n"
    "  0%|          | 0/4 [00:00<?, ?it/s]\n 75%|███████▌  | 3/4 [00:00<00:00, 15.38it/s]\n"
    "100%|██████████| 4/4 [00:00<00:00, 13.43it/s]\nTotal safe images: 1 out of 1\n"
)


def bar(step: int, steps: int, label: str = "") -> str:
    return f"{label}{100 * step // steps:3d}%|{'█' * 3:10}| {step}/{steps} [00:00<00:00, 15.38it/s]\n"


def steps(text: str) -> tuple[int | None, int | None]:
    facts = read_logs(text)
    return facts.step, facts.steps


def test_complete_log_gives_all_facts() -> None:
    assert read_logs(SCHNELL) == LogFacts(seed=62182, step=4, steps=4, safe_images=1, images=1)


def test_empty_log_gives_no_facts() -> None:
    assert read_logs("") == LogFacts()


@pytest.mark.parametrize(
    ("line", "seed"),
    [
        ("Using seed: 5", 5),
        ("Using seed: 0", 0),
        ("seed=42", 42),
        ("Seed: 4294967295\n", 4294967295),
        ("Using seed 17", 17),
        ("Using seed: 1\nUsing seed: 2", 2),
        ("no seeds: 3 plants", None),
        ("Using seed: -4", None),
        ("seed: " + "9" * 40, None),
    ],
)
def test_last_seed_is_used(line: str, seed: int | None) -> None:
    assert read_logs(line).seed == seed


def test_labelled_bar_is_read() -> None:
    assert steps(bar(1, 20, "DDIM Sampler: ")) == (1, 20)


def test_repeated_last_line_is_read_once() -> None:
    assert steps(bar(3, 4) + bar(4, 4) + bar(4, 4)) == (4, 4)


def test_second_pass_restarts_the_progress() -> None:
    assert steps(bar(50, 50) + "Refining\n" + bar(3, 25)) == (3, 25)


def test_bars_redrawn_in_place_are_read() -> None:
    assert steps(bar(1, 4).replace("\n", "\r") + bar(2, 4).replace("\n", "\r")) == (2, 4)


def test_lines_without_a_total_are_ignored() -> None:
    assert steps("12it [00:00, 40.1it/s]\n") == (None, None)


@pytest.mark.parametrize("cut", range(1, 30))
def test_truncated_line_is_ignored_in_favour_of_the_previous_one(cut: int) -> None:
    whole = bar(7, 28)
    assert steps(bar(6, 28) + whole[:-cut]) in {(6, 28), (7, 28)}


def test_truncated_number_is_ignored() -> None:
    assert steps(bar(6, 28) + " 25%|███       | 7/2") == (6, 28)


def test_impossible_bars_are_ignored() -> None:
    assert steps(bar(2, 4) + " 99%|███| 9/4 [00:00]\n  0%|   | 0/0 [00:00]\n") == (2, 4)


def test_safe_images_are_counted() -> None:
    facts = read_logs("NSFW content detected in image 2\nTotal safe images: 3 out of 4\n")
    assert (facts.safe_images, facts.images) == (3, 4)


@pytest.mark.parametrize(
    "line",
    [
        "Random seed set to: 42",
        "Using seed: 42",
        "seed=42",
        "Seed was set to 42",
        '{"seed": 42}',
        "seed is 42",
        "seed 42",
    ],
)
def test_seed_is_found_in_any_wording(line: str) -> None:
    assert read_logs(f"loading\n{line}\n").seed == 42


def test_seed_that_the_database_cannot_store_is_ignored() -> None:
    assert read_logs("Using seed: 9999999999999999999").seed is None


def test_seed_at_the_start_and_bar_at_the_end_of_a_huge_log_are_found() -> None:
    assert read_logs("Using seed: 9\n" + "x" * 1_000_000 + "\n" + bar(1, 2)) == LogFacts(seed=9, step=1, steps=2)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    facts = read_logs(text)
    assert (facts.step is None) == (facts.steps is None)
    if facts.step is not None and facts.steps is not None:
        assert 0 <= facts.step <= facts.steps


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 99)).filter(lambda pair: pair[0] <= pair[1]), min_size=1))
def test_last_complete_bar_wins(bars: list[tuple[int, int]]) -> None:
    assert steps("".join(bar(step, total) for step, total in bars)) == bars[-1]


@given(st.integers(0, 2**63 - 1), st.text(alphabet=st.characters(exclude_categories=["Nd"]), max_size=50))
def test_seed_is_found_in_any_surrounding_text(seed: int, noise: str) -> None:
    assert read_logs(f"{noise}\nUsing seed: {seed}\n{noise}").seed == seed


LIVE = (
    "Moderating content...\nModeration complete in 0.15sec\n"
    "Initializing video generation with prompt: Still generating...\nUsing model: video-01-live2d\n"
)


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("", None),
        ("Running prediction... \n", None),
        ("Moderating content...\n", Phase.CHECKING),
        (LIVE, Phase.CHECKING),
        (LIVE + "Generating video...\n", Phase.GENERATING),
        (LIVE + "Generating video...\nStill generating...\nStill generating...", Phase.STILL_GENERATING),
        ("Using seed: 1\nRunning prediction... \nGenerating image...", Phase.GENERATING),
        ("Generating image with Gemini Flash...\n", Phase.GENERATING),
        ("Starting video generation...\r\n", Phase.GENERATING),
        ("Using seed: 1\nGenerating…", Phase.GENERATING),
        ("Generating...\nGenerated image in 5.0sec\nDownloading 1289861 bytes\n", Phase.FINISHING),
        ("Still generating...\nGenerated video in 184.2sec\nRetrieving video...\n", Phase.FINISHING),
        ("Generating 1 captions...\nGenerated captions ['a photo of tok']\n", None),
    ],
)
def test_last_phase_of_a_recorded_log_is_read(text: str, phase: Phase | None) -> None:
    assert read_logs(text).phase is phase
