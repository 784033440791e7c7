from pathlib import Path

import pytest

from bot.environment import as_meant
from bot.errors import SettingsError
from bot.ops.healthcheck import address
from bot.settings import Settings, defaults, load
from bot.storage.identity import is_same


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/olga")
    return monkeypatch.setenv


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("8080", "8080"),
        (" 8080\r", "8080"),
        ('"8080"', "8080"),
        ("'a b'", "a b"),
        ("8080 # the port", "8080"),
        ('"a # b" # a remark', "a # b"),
        ("a#b", "a#b"),
        ("#only a remark", None),
        ('""', None),
    ],
)
def test_values_of_an_env_file_are_understood(written, meant):
    assert as_meant({"name": written}).get("name") == meant


@pytest.mark.parametrize("written", ['"8080', "'a' b", '"'])
def test_unclosed_quote_is_refused_with_that_reason(environment, written):
    environment("HTTP_PORT", written)
    with pytest.raises(SettingsError, match="HTTP_PORT: begins with a quote"):
        load()


def test_secret_with_a_broken_quote_is_not_shown(environment):
    environment("DISCORD_TOKEN", '"hunter2')
    with pytest.raises(SettingsError) as refused:
        load()
    assert "hunter2" not in str(refused.value)


def test_settings_are_read_as_people_write_them(environment):
    environment("HTTP_PORT", '"8081"')
    environment("PROVIDER_KEY", "'r8_abc'  # from the dashboard")
    environment("LOG_LEVEL", "debug # for now")
    environment("OPERATOR_IDS", '"1, 2"')
    settings = load()
    assert (settings.http_port, settings.log_level, settings.operator_ids) == (8081, "DEBUG", {1, 2})
    assert settings.provider_key is not None
    assert settings.provider_key.get_secret_value() == "r8_abc"


def test_tilde_is_the_home_folder(environment):
    for name in ("DATA_DIR", "BACKUP_DIR", "CATALOGUE_FILE", "CONTENT_SIGN_CERT", "CONTENT_SIGN_KEY"):
        environment(name, "~/easel")
    environment("DATABASE_URL", "sqlite:///~/easel.db")
    settings = load()
    signing = (settings.content_sign_cert, settings.content_sign_key)
    paths = (settings.data_dir, settings.backup_dir, settings.catalogue_file, *signing)
    assert {str(path) for path in paths} == {"/home/olga/easel"}
    assert settings.database_url == "sqlite:////home/olga/easel.db"


def test_tilde_after_four_slashes_is_also_the_home_folder(environment):
    environment("DATABASE_URL", "sqlite:////~/easel.db")
    assert load(_env_file=None).database_url == f"sqlite:///{Path.home()}/easel.db"


@pytest.mark.parametrize("name", ["DATA_DIR", "CATALOGUE_FILE", "DATABASE_URL"])
@pytest.mark.parametrize("path", ["$HOME/easel", "${HOME}/easel"])
def test_unreplaced_variable_is_refused(environment, name, path):
    environment(name, f"sqlite:///{path}" if name == "DATABASE_URL" else path)
    with pytest.raises(SettingsError, match=f"{name}: .*only a shell replaces"):
        load(_env_file=None)


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("PROVIDER_URL", "HTTPS://api.example.com/v1", "https://api.example.com"),
        ("PUBLIC_URL", "Https://example.com/", "https://example.com"),
        ("DISCORD_GATEWAY_URL", "WSS://gateway.example.com", "wss://gateway.example.com"),
    ],
)
def test_capitals_of_a_scheme_do_not_matter(environment, name, written, meant):
    environment(name, written)
    assert getattr(load(_env_file=None), name.lower()) == meant


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_v1_and_a_slash_at_the_end_of_the_providers_address_do_not_matter(environment, end):
    environment("PROVIDER_URL", f"https://api.example.com/replicate{end}")
    assert load().provider_url == "https://api.example.com/replicate"


@pytest.mark.parametrize(
    "other",
    [
        "https://API.Example.com/replicate",
        "https://api.example.com/replicate/",
        "https://api.example.com/replicate/v1/",
        "https://api.example.com:443/replicate",
    ],
)
def test_different_spellings_of_a_provider_mean_the_same_owner(other):
    assert is_same(other, "https://api.example.com/replicate")


def test_names_of_this_machine_mean_the_same_owner():
    assert is_same("http://localhost:9000", "http://127.0.0.1:9000/v1")
    assert is_same("http://[::1]:9000", "http://localhost:9000")


@pytest.mark.parametrize(
    "other", ["https://api.example.com", "https://api.example.org/replicate", "https://api.example.com:444/replicate"]
)
def test_other_providers_are_other_owners(other):
    assert not is_same(other, "https://api.example.com/replicate")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", "http://127.0.0.1:8080/healthz"),
        ("::", "http://[::1]:8080/healthz"),
        ("[::]", "http://[::1]:8080/healthz"),
        ("10.1.2.3", "http://10.1.2.3:8080/healthz"),
        ("fd00::1", "http://[fd00::1]:8080/healthz"),
        ("localhost", "http://localhost:8080/healthz"),
    ],
)
def test_health_check_follows_the_host_and_port(host, expected):
    assert address(defaults(http_host=host)) == expected
