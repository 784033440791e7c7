import pytest


def test_defaults_apply_without_an_env_file(easel):
    assert easel("models").code == 0


def test_env_file_is_read(easel, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-file.db\n")
    assert easel("ledger", "verify").refused("there is no database at from-file.db")


def test_environment_wins_over_the_env_file(easel, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///from-file.db\n")
    ended = easel("ledger", "verify", DATABASE_URL="sqlite:///from-environment.db")
    assert ended.refused("there is no database at from-environment.db")


def test_empty_value_counts_as_not_set(easel, tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKEN=\n")
    assert easel("run", "--no-sandbox", HTTP_PORT="").refused("DISCORD_TOKEN: is not set")


def test_env_file_may_have_quotes_spaces_comments_and_export(easel, tmp_path):
    (tmp_path / ".env").write_text('# path\nexport DATABASE_URL = "sqlite:///a b.db"  # comment\nUNKNOWN=1\n')
    assert easel("ledger", "verify").refused("there is no database at a b.db")


@pytest.mark.parametrize("content", [b"\xff\xfeD\x00", b"LOG_LEVEL=\xe9"])
def test_env_file_that_is_not_text_is_refused(easel, tmp_path, content):
    (tmp_path / ".env").write_bytes(content)
    assert easel("models").refused(".env: cannot be read", "UTF-8")


def test_wrong_setting_in_the_env_file_is_reported(easel, tmp_path):
    (tmp_path / ".env").write_text("HTTP_PORT=many\n")
    assert easel("models").refused("HTTP_PORT: 'many' is not valid", ".env")


def test_demo_needs_no_settings_and_ignores_wrong_ones(easel, tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff")
    (tmp_path / "file").write_text("")
    assert easel("demo", "--out", "file", HTTP_PORT="many", CATALOGUE_FILE="absent").refused("--out")
