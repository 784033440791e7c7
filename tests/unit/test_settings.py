import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def example_values() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_env_example_has_exactly_the_existing_settings():
    assert {name.lower() for name in example_values()} == set(Settings.model_fields)


def test_env_example_shows_the_defaults(tmp_path):
    (tmp_path / ".env").write_text(EXAMPLE.read_text())
    from_example = load()
    (tmp_path / ".env").unlink()
    assert from_example == load()


def test_env_example_explains_each_setting_above_it():
    lines = EXAMPLE.read_text().splitlines()
    unexplained = []
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = True
        elif not line:
            explained = False
        elif not explained:
            unexplained.append(line)
    assert not unexplained


def test_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nHTTP_PORT=1\n")
    monkeypatch.setenv("HTTP_PORT", "2")
    settings = load()
    assert (settings.log_level, settings.http_port) == ("DEBUG", 2)


def test_operator_ids_are_separated_by_commas_or_spaces(monkeypatch):
    monkeypatch.setenv("OPERATOR_IDS", "1, 2 3")
    assert load().operator_ids == {1, 2, 3}


def test_credit_skus_are_pairs(monkeypatch):
    assert load().credit_skus == {}
    monkeypatch.setenv("CREDIT_SKUS", "12=250000, 13 = 5,")
    assert load().credit_skus == {12: 250_000, 13: 5}


KEY = "whsec_" + "A" * 32


@pytest.mark.parametrize("value", [KEY, f"{KEY},{KEY}", f"{KEY}, {KEY}"])
def test_webhook_keys_are_one_or_two(monkeypatch, value):
    assert load().provider_webhook_keys == ()
    monkeypatch.setenv("PROVIDER_WEBHOOK_KEYS", value)
    assert {key.get_secret_value() for key in load().provider_webhook_keys} == {KEY}
    assert KEY not in repr(load())


@pytest.mark.parametrize(
    "value", ["secret", f"{KEY} {KEY} {KEY}", "whsec_short", f"{KEY}!", KEY.removeprefix("whsec_")]
)
def test_wrong_webhook_keys_are_refused_and_not_shown(monkeypatch, value):
    monkeypatch.setenv("PROVIDER_WEBHOOK_KEYS", value)
    with pytest.raises(SettingsError, match=r"PROVIDER_WEBHOOK_KEYS: its value .not shown. is not valid") as refused:
        load()
    assert value not in str(refused.value)


@pytest.mark.parametrize("value", ["https://easel.example", "https://easel.example:8443/a/b", "http://127.0.0.1:8080"])
def test_public_url_may_use_https_or_be_local(monkeypatch, value):
    monkeypatch.setenv("PUBLIC_URL", value)
    assert load().public_url == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://easel.example", "must begin with https://"),
        ("https://olga:pass@easel.example", "without a login"),
        ("https://easel.example/?key=1", "without a login, a query"),
        ("https://easel.example?", "without a login, a query"),
        ("https://easel.example#top", "without a login, a query"),
        ("https://", "must be an address"),
        ("https://[::1", "is not an address"),
        ("https://easel.example:port", "is not an address"),
    ],
)
def test_public_url_that_the_provider_could_not_use_is_refused(monkeypatch, value, expected):
    monkeypatch.setenv("PUBLIC_URL", value)
    with pytest.raises(SettingsError, match=f"PUBLIC_URL.*{expected}") as refused:
        load()
    assert "olga:pass" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("S3://my-bucket/", "s3://my-bucket"), ("s3://my-bucket/easel/files/", "s3://my-bucket/easel/files")],
)
def test_bucket_is_an_address_with_or_without_a_prefix(monkeypatch, written, meant):
    monkeypatch.setenv("ARTEFACTS_URL", written)
    assert load().artefacts_url == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "many"),
        ("NEW_GUILD_CREDITS", "-1"),
        ("OPERATOR_IDS", "me"),
        ("PROVIDER_URL", "ftp://example.com"),
        ("LOG_FORMAT", "xml"),
        ("CREDIT_SKUS", "12"),
        ("CREDIT_SKUS", "gold=5"),
        ("CREDIT_SKUS", "12=0"),
        ("CREDIT_SKUS", "12=5,12=6"),
        ("ARTEFACTS_URL", "gs://my-bucket"),
        ("ARTEFACTS_URL", "my-bucket"),
        ("ARTEFACTS_URL", "s3://"),
        ("ARTEFACTS_URL", "s3://my-bucket/a//b"),
        ("AWS_ENDPOINT_URL", "minio:9000"),
    ],
)
def test_wrong_setting_is_reported_with_value_and_fix(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    text = str(caught.value)
    assert text.startswith(f"{name}: ")
    shown = "its value (not shown)" if "@" in value else value  # an address may have a password
    assert shown in text
    assert "secret" not in text
    assert ".env.example" in text


def test_secrets_do_not_appear_in_the_settings_repr(monkeypatch):
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    settings = load()
    assert "very-secret" not in repr(settings)
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "very-secret"
