import pytest

VERBS = ["run", "demo", "check", "migrate", "models", "quote", "ledger", "ledger verify", "backup", "sync"]
SCHNELL = "black-forest-labs/flux-schnell"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_verb_explains_itself(easel, verb, flag):
    ended = easel(*verb.split(), flag)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: easel {verb}")


def test_help_names_every_verb(easel):
    said = easel("--help").out
    assert all(f"\n  {verb.split()[0]} " in said for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "Missing command. Try: easel --help"),
        ("ledger", "Missing command. Try: easel ledger --help"),
        ("paint", "No such command 'paint'"),
        ("run --quickly", "No such option '--quickly'"),
        ("run --port 65536", "65536 is not in the range"),
        ("run --port x", "'x' is not a valid integer"),
        ("run --speed 0", "0.0 is not a number above 0"),
        ("run --speed -2", "-2.0 is not a number above 0"),
        ("run --speed nan", "nan is not a number above 0"),
        ("run --speed inf", "inf is not a number above 0"),
        ("models all", "unexpected extra argument (all)"),
        ("quote", "Missing argument 'MODEL'"),
        (f"quote {SCHNELL} fog", "'fog' is not key=value. Try: easel quote --help"),
        (f"quote {SCHNELL} prompt=fog --count many", "'many' is not a valid integer"),
        ("backup", "Missing argument 'FILE'"),
        ("sync --guild atelier", "'atelier' is not a valid integer"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_where_to_read_on(easel, words, expected):
    assert easel(*words.split()).wrong_usage(expected, "Try: easel")
