import re
import socket
import sqlite3
from contextlib import closing

import pytest
from cryptography.fernet import Fernet

from bot.storage.sqlite.lock import Lock
from tests.unit.cli.damage import altered, sound

REAL = {"DISCORD_TOKEN": "t", "PROVIDER_KEY": "k", "HTTP_PORT": "0"}
EVERY_USE = [["run"], ["migrate"], ["ledger", "verify"], ["sync"]]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DISCORD_API_URL", "discord.com", "must begin with http"),
        ("DISCORD_GATEWAY_URL", "http://x", "must begin with ws"),
        ("PROVIDER_URL", "x", "must begin with http"),
        ("PUBLIC_URL", "x", "must begin with http"),
        ("OPERATOR_IDS", "me", "must be Discord user ids"),
        ("OPERATOR_IDS", "-4", "must be Discord user ids"),
        ("HOME_GUILD_ID", "home", "must be a whole number"),
        ("HOME_GUILD_ID", "0", "must be above 0"),
        ("HOME_GUILD_ID", str(2**63), "must be at most"),
        ("NEW_GUILD_CREDITS", "0.5", "must be a whole number"),
        ("NEW_GUILD_CREDITS", str(10**15), "must be at most 1,000,000,000,000"),
        ("HTTP_PORT", "65536", "must be at most 65,535"),
        ("LOG_FORMAT", "xml", "must be console or json"),
        ("ROLE", "boss", "must be all, gateway or worker"),
        ("LOG_LEVEL", "loud", "must be DEBUG, INFO, WARNING or ERROR"),
        ("RUNNING_PER_GUILD", "0", "must be at least 1"),
        ("RESULT_MAX_MB", "0", "must be at least 1"),
        ("CATALOGUE_FILE", "absent.toml", "absent.toml cannot be read: No such file or directory"),
    ],
)
def test_wrong_setting_is_refused_with_its_name(easel, name, value, expected):
    assert easel("models", **{name: value}).refused(name, expected)


@pytest.mark.parametrize("role", ["gateway", "worker"])
def test_roles_need_a_database_on_a_server(easel, role):
    problem, fix = f"is {role}, but a SQLite file belongs to one process", "set DATABASE_URL to a PostgreSQL database"
    for ended in (easel("run", "--role", role, **REAL), easel("run", ROLE=role, **REAL)):
        assert ended.refused("ROLE", problem, fix)
    assert f"WRONG    settings: ROLE {problem}" in easel("check", ROLE=role, **REAL).out


def test_processes_that_share_a_database_need_the_same_key(easel):
    ended = easel("run", "--role", "worker", DATABASE_URL="postgresql://localhost/x", **REAL)
    assert ended.refused("SECRET_KEY", "is not set, but ROLE is worker", "Set the same key for all of them")


def test_check_recommends_the_key_that_has_been_used_so_far(easel, tmp_path):
    shared = {"ROLE": "worker", "DATABASE_URL": "postgresql://127.0.0.1:1/x", **REAL}
    assert "Set the same key for all of them, such as " in easel("check", **shared).out
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_bytes(Fernet.generate_key())
    assert "Set the same key for all of them: that in data/secret.key\n" in easel("check", **shared).out


def test_sandbox_refuses_to_run_as_a_worker(easel):
    ended = easel("run", "--sandbox", "--role", "worker")
    assert ended.code == 2
    assert "The sandbox's bot is one process, so it cannot be a worker." in ended.err


def test_check_reports_every_wrong_setting_and_uses_no_default_in_its_place(easel):
    wrong = {
        "PROVIDER_URL": "x",
        "DISCORD_API_URL": "y",
        "HTTP_PORT": "z",
        "LOG_LEVEL": "w",
    }
    ended = easel("check", DISCORD_TOKEN="t", PROVIDER_KEY="k", **wrong)
    assert ended.code == 1
    assert [name for name in wrong if ended.out.count(f"WRONG    settings: {name} ") != 1] == []
    assert [line for line in ended.out.splitlines() if re.search("provider: |discord: |gateway: |port: ", line)] == [
        "warning  port: not checked, because of HTTP_PORT",
        "warning  provider: not checked, because of PROVIDER_URL",  # the key would have gone to another provider
        "warning  discord: not checked, because of DISCORD_API_URL",
        "warning  gateway: not checked, because of DISCORD_API_URL",
    ]


def test_check_reports_wrong_paths_together_with_wrong_settings(easel, tmp_path):
    (tmp_path / "file").write_text("")
    paths = {"DATA_DIR": "file/data", "DATABASE_URL": "sqlite:///file/easel.db", "CATALOGUE_FILE": "file/own.toml"}
    ended = easel("check", PROVIDER_URL="x", **paths)
    for name in ("PROVIDER_URL", *paths):
        assert f": {name} " in ended.out
    assert "WRONG    database: DATABASE_URL file cannot be written to" in ended.out


def test_first_of_several_wrong_settings_points_to_the_command_that_lists_all(easel):
    ended = easel("models", PROVIDER_URL="x", LOG_LEVEL="w", KEEP_DAYS="0")
    assert ended.refused("PROVIDER_URL: 'x' is not valid", "`easel check` lists 2 more")


def test_check_warns_of_misspelt_settings_only(easel, tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKN=x\nOPERATOR_ID=1\nHTTPS_PROXY=\nCOMPOSE_FILE=a.yml\nKEEP_DAYS=3\n")
    lines = easel("check").out.splitlines()
    found = [line + lines[at + 1] for at, line in enumerate(lines) if "is not a setting" in line]
    assert found == [
        "warning  settings: DISCORD_TOKN in .env is not a setting, so it is ignored         fix: Write DISCORD_TOKEN",
        "warning  settings: OPERATOR_ID in .env is not a setting, so it is ignored         fix: Write OPERATOR_IDS",
    ]


def test_check_warns_of_a_port_that_is_in_use_and_refuses_an_address_of_another_machine(easel):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        out = easel("check", HTTP_PORT=port).out
        assert f"warning  port: HTTP_PORT 127.0.0.1:{port} cannot be used: Address already in use\n" in out
    assert "port: " not in easel("check", HTTP_PORT=port).out
    out = easel("check", HTTP_PORT=port, HTTP_HOST="192.0.2.1").out
    assert "WRONG    port: HTTP_HOST 192.0.2.1 is not an address of this machine" in out


def test_check_does_not_show_a_wrong_secret(easel):
    ended = easel("check", SECRET_KEY="hunter2", PROVIDER_URL="x")
    assert "SECRET_KEY is not 32 bytes" in ended.out
    assert "hunter2" not in ended.out


def test_missing_token_or_key_is_reported(easel):
    assert easel("run", "--no-sandbox").refused("DISCORD_TOKEN: is not set")
    assert easel("run", DISCORD_TOKEN="t").refused("PROVIDER_KEY: is not set")
    assert easel("sync").refused("DISCORD_TOKEN: is not set")


def test_sandbox_is_suggested_only_to_a_process_that_can_use_it(easel):
    assert "easel run --sandbox" in easel("run", "--no-sandbox").err
    ended = easel("run", "--role", "worker")
    assert ended.refused("DISCORD_TOKEN: is not set. Copy it from the Bot page")
    assert "--sandbox" not in ended.err


def test_invalid_secret_key_is_not_shown(easel):
    ended = easel("run", **REAL, SECRET_KEY="hunter2")
    assert ended.refused("SECRET_KEY: is not 32 bytes")
    assert "hunter2" not in ended.err


@pytest.mark.parametrize(
    "address",
    ["mysql://easel:hunter2@db/easel", "postgresql://easel:hunter2@127.0.0.1:1/x", "postgresql://easel:hunter2@db:x/x"],
)
def test_password_in_a_database_url_is_not_shown(easel, address, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.connection.CONNECT_S", 0.5)  # without waiting for a server to start
    ended = easel("ledger", "verify", DATABASE_URL=address)
    assert ended.refused("DATABASE_URL")
    assert "hunter2" not in ended.err


@pytest.mark.parametrize("words", EVERY_USE)
def test_file_that_is_not_a_database_is_not_changed(easel, tmp_path, words):
    path = tmp_path / "other.db"
    content = b"not a database at all, but long enough to look like one" * 100
    path.write_bytes(content)
    assert easel(*words, **REAL, DATABASE_URL="sqlite:///other.db").refused()
    assert path.read_bytes() == content


@pytest.mark.parametrize("words", EVERY_USE)
def test_folder_in_place_of_the_database_is_refused_and_left_empty(easel, tmp_path, words):
    path = tmp_path / "other.db"
    path.mkdir()
    assert easel(*words, **REAL, DATABASE_URL="sqlite:///other.db").refused()
    assert list(path.iterdir()) == []


@pytest.mark.parametrize("words", EVERY_USE)
def test_another_programs_database_is_refused(easel, tmp_path, words):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    ended = easel(*words, **REAL, DATABASE_URL="sqlite:///other.db")
    assert ended.refused("other.db is a database of another program")


@pytest.mark.parametrize("words", EVERY_USE)
def test_newer_schema_is_refused(easel, tmp_path, words):
    newer = "INSERT INTO migration (number, name, checksum, applied_ms) VALUES (9999, 'tomorrow', 'x', 1)"
    ended = easel(*words, **REAL, DATABASE_URL=altered(tmp_path, newer))
    assert ended.refused("9999_tomorrow", "Use the version of Easel that last opened it")


def test_check_warns_of_an_older_schema_because_the_next_start_upgrades_it(easel, tmp_path):
    address = altered(tmp_path, "DELETE FROM migration WHERE number = (SELECT MAX(number) FROM migration)")
    out = easel("check", DATABASE_URL=address).out
    assert "warning  database: ledger.db has the schema of an older version: the next start upgrades it\n" in out
    assert "WRONG    database" not in out


def test_database_in_use_can_be_read_but_not_written_by_others(easel, tmp_path):
    address = sound(tmp_path)
    lock = Lock.acquire(tmp_path / "ledger.db")
    try:
        for words in (["run"], ["migrate"], ["sync"]):
            assert easel(*words, **REAL, DATABASE_URL=address).refused("ledger.db is in use by another Easel")
        assert easel("ledger", "verify", DATABASE_URL=address).code == 0
        assert easel("backup", "copy.db", DATABASE_URL=address).code == 0
    finally:
        lock.release()
    assert easel("migrate", DATABASE_URL=address).out == "ledger.db is up to date.\n"


def test_migration_of_a_missing_database_says_that_the_database_was_created(easel):
    lines = [easel("migrate", DATABASE_URL="sqlite:///new.db").out for _ in range(2)]
    assert lines == ["Created the tables in new.db.\n", "new.db is up to date.\n"]


@pytest.mark.parametrize("words", [["ledger", "verify"], ["ledger", "verify", "--json"], ["backup", "copy.db"]])
def test_reading_does_not_create_a_missing_database(easel, tmp_path, words):
    assert easel(*words, DATABASE_URL="sqlite:///absent.db").refused("there is no database at absent.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("environment", [{}, REAL])
def test_data_dir_that_is_a_file_is_refused(easel, tmp_path, environment):
    (tmp_path / "data").write_text("")
    ended = easel("run", **environment, DATABASE_URL="sqlite:///easel.db")
    assert ended.refused("DATA_DIR: data", "cannot be written to")


def test_database_path_below_a_file_is_refused(easel, tmp_path):
    (tmp_path / "file").write_text("")
    assert easel("migrate", DATABASE_URL="sqlite:///file/easel.db").refused("file/easel.db cannot be used")


def test_taken_health_port_is_refused_with_the_real_discord(easel):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = easel("run", **REAL | {"HTTP_PORT": port}, LOG_LEVEL="ERROR")
    assert ended.refused(f"HTTP_PORT: 127.0.0.1:{port} cannot be used")


def test_unusable_health_address_is_refused_and_nothing_keeps_running(easel):
    ended = easel("run", "--port", "0", HTTP_HOST="192.0.2.1", HTTP_PORT="8080", LOG_LEVEL="ERROR")
    assert ended.refused("HTTP_HOST: 192.0.2.1 is not an address")
    assert easel("migrate", DATABASE_URL="sqlite:///data/sandbox/easel.db").code == 0


def test_sandbox_in_use_is_neither_shared_nor_reset(easel, tmp_path):
    folder = tmp_path / "data" / "sandbox"
    folder.mkdir(parents=True)
    (folder / "easel.db").write_bytes(b"precious")
    lock = Lock.acquire(folder / "world")
    try:
        for words in (["run"], ["run", "--fresh"]):
            assert easel(*words, "--port", "0").refused("is in use by another Easel", "DATA_DIR")
    finally:
        lock.release()
    assert (folder / "easel.db").read_bytes() == b"precious"


def test_demo_refuses_a_file_as_its_output_folder(easel, tmp_path):
    (tmp_path / "out").write_text("precious")
    assert easel("demo", "--out", "out").refused("--out: out cannot be used")
    assert (tmp_path / "out").read_text() == "precious"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("margin_percent = [", "is not valid TOML"),
        ("margin_percent = 'much'", "margin_percent"),
        ("[models.'nobody/nothing']\nusd = '0.1'", "nobody/nothing"),
        ("[models.'black-forest-labs/flux-schnell']\nusd = 'free'", "usd"),
    ],
)
def test_broken_catalogue_file_is_refused_with_its_name_and_position(easel, tmp_path, text, expected):
    (tmp_path / "own.toml").write_text(text)
    assert easel("models", CATALOGUE_FILE="own.toml").refused("own.toml", expected)
