import pytest


def test_without_a_file_the_defaults_hold(easel):
    assert easel("models").code == 0


def test_a_file_is_read(easel, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-file.db\n")
    assert easel("ledger", "verify").refused("there is no database at from-file.db")


def test_the_environment_wins_over_the_file(easel, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-file.db\n")
    ended = easel("ledger", "verify", DATABASE_URL="sqlite:///from-environment.db")
    assert ended.refused("there is no database at from-environment.db")


def test_an_empty_value_is_as_good_as_none(easel, tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKEN=\n")
    assert easel("run", "--no-sandbox", HTTP_PORT="").refused("DISCORD_TOKEN: is not set")


def test_names_may_be_quoted_spaced_commented_and_exported(easel, tmp_path):
    (tmp_path / ".env").write_text('# where\nexport DATABASE_URL = "sqlite:///a b.db"  # there\nUNKNOWN=1\n')
    assert easel("ledger", "verify").refused("there is no database at a b.db")


@pytest.mark.parametrize("content", [b"\xff\xfeD\x00", b"LOG_LEVEL=\xe9"])
def test_a_file_that_is_no_text_is_refused(easel, tmp_path, content):
    (tmp_path / ".env").write_bytes(content)
    assert easel("models").refused(".env: cannot be read", "UTF-8")


def test_a_wrong_setting_in_the_file_says_so(easel, tmp_path):
    (tmp_path / ".env").write_text("HTTP_PORT=many\n")
    assert easel("models").refused("HTTP_PORT: 'many' is not usable", ".env")


def test_the_demo_needs_no_settings_and_minds_none(easel, tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff")
    (tmp_path / "file").write_text("")
    assert easel("demo", "--out", "file", HTTP_PORT="many", CATALOGUE_FILE="absent").refused("--out")
