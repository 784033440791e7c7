"""All settings, read from the environment and `.env` (the environment wins) and checked once at start-up."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.environment import as_meant
from bot.errors import SettingsError
from bot.process_roles import ProcessRole
from bot.proxies import is_this_machine

DISCORD_API_URL = "https://discord.com/api/v10"
DISCORD_GATEWAY_URL = "wss://gateway.discord.gg/"

LARGEST_ID = 2**63 - 1
"""The largest Discord id that fits: ids are unsigned 64-bit numbers, but SQLite's integers are signed."""

LARGEST_GIFT = 1_000_000_000_000
"""The most credits for a new guild: 40 million USD at list price, so even many guilds cannot overflow an integer."""

WEBHOOK_KEYS_MAX = 2
_KEY = re.compile(r"whsec_[A-Za-z0-9+/]{22,128}={0,2}")
BUCKET = re.compile(
    r"s3://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:/(?P<prefix>[\w!.*'()-]+(?:/[\w!.*'()-]+)*))?"
)
"""The address of a bucket, with or without a prefix for all objects in it."""

ALIKE = 0.85
"""How similar a name must be to that of a setting to count as a misspelling of it, from 0 to 1."""


class Settings(BaseSettings):
    """The operator's settings. Names are those of the variables in lower case; `.env.example` explains each one."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    discord_token: SecretStr | None = None
    discord_api_url: str = DISCORD_API_URL
    discord_gateway_url: str | None = None
    provider_url: str = "https://api.openai-hk.com/replicate"
    provider_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    database_url: str = "sqlite:///data/easel.db"
    role: ProcessRole = ProcessRole.ALL
    data_dir: Path = Path("data")
    artefacts_url: str | None = None
    aws_endpoint_url: str | None = None
    aws_region: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    catalogue_file: Path | None = None
    operator_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    home_guild_id: int | None = Field(default=None, gt=0, le=LARGEST_ID)
    new_guild_credits: int = Field(default=0, ge=0, le=LARGEST_GIFT)
    new_guild_credits_per_day: int | None = Field(default=None, ge=0, le=LARGEST_GIFT)
    new_guild_least_members: int = Field(default=0, ge=0, le=100_000_000)
    new_guild_least_age_days: int = Field(default=0, ge=0, le=10_000)
    credit_skus: Annotated[Mapping[int, int], NoDecode] = Field(default_factory=dict[int, int])
    public_url: str | None = None
    provider_webhook_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    secret_key: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    running_per_guild: int = Field(default=8, ge=1, le=1000)
    running_per_member: int = Field(default=3, ge=1, le=100)
    result_max_mb: int = Field(default=512, ge=1, le=10_000)
    keep_days: int = Field(default=30, ge=1, le=36_500)
    backup_every: int = Field(default=0, ge=0, le=8_760)
    backup_keep: int = Field(default=7, ge=1, le=1_000)
    backup_dir: Path | None = None
    forget_guild_days: int = Field(default=30, ge=0, le=36_500)
    content_sign_cert: Path | None = None
    content_sign_key: Path | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the interface of pydantic
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment as `.env` is read: without quotes and comments."""
        if isinstance(env_settings, EnvSettingsSource):
            own = {name: value for name, value in env_settings.env_vars.items() if name in cls.model_fields}
            env_settings.env_vars = as_meant(own)
        return init_settings, env_settings, dotenv_settings

    @field_validator("data_dir", "backup_dir", "catalogue_file", "content_sign_cert", "content_sign_key")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        return _at_home(value) if value is not None else None

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        kind, separator, path = value.partition(":///")
        # Four slashes are for absolute paths, so people also write them before the home folder.
        path = path.removeprefix("/") if path.startswith("/~") else path
        return f"{kind}{separator}{_at_home(Path(path))}" if path.startswith(("~", "$")) else value

    @field_validator("provider_url")
    @classmethod
    def _api(cls, value: str) -> str:
        return value.rstrip("/").removesuffix("/v1").rstrip("/")

    @field_validator("operator_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = value.replace(",", " ").split()
        if not all(part.isdecimal() and 0 < int(part) <= LARGEST_ID for part in parts):
            raise ValueError("must be Discord user ids (whole numbers) separated by commas")
        return frozenset(map(int, parts))

    @field_validator("credit_skus", mode="before")
    @classmethod
    def _skus(cls, value: object) -> object:
        return _read_skus(value) if isinstance(value, str) else value

    @field_validator("artefacts_url")
    @classmethod
    def _bucket(cls, value: str | None) -> str | None:
        value = _with_small_scheme(value).rstrip("/") if value is not None else None
        if value is not None and not BUCKET.fullmatch(value):
            raise ValueError("must be s3:// and the name of a bucket, such as s3://my-bucket or s3://my-bucket/easel")
        return value

    @field_validator("discord_api_url", "provider_url", "public_url", "aws_endpoint_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = _with_small_scheme(value)
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            address = urlsplit(value)
            host, has_login = address.hostname or "", "@" in address.netloc
            _ = address.port
        except ValueError as error:
            raise ValueError("is not an address") from error
        if not host or has_login or address.query or address.fragment or "?" in value or "#" in value:
            raise ValueError("must be an address without a login, a query or a fragment")
        if address.scheme != "https" and not is_this_machine(host):
            raise ValueError("must begin with https://, unless it is this machine itself")
        return value

    @field_validator("provider_webhook_keys", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys = value.replace(",", " ").split()
        if not 1 <= len(keys) <= WEBHOOK_KEYS_MAX or not all(_KEY.fullmatch(key) for key in keys):
            raise ValueError("must be one or two keys that begin with whsec_, separated by a comma")
        return tuple(map(SecretStr, keys))

    @field_validator("discord_gateway_url")
    @classmethod
    def _socket(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = _with_small_scheme(value)
        if not value.startswith(("ws://", "wss://")):
            raise ValueError("must begin with ws:// or wss://")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


def _read_skus(text: str) -> dict[int, int]:
    """Read pairs of SKU and credits, separated by commas. Raises ValueError."""
    read: dict[int, int] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        sku, _, credit = (part.strip() for part in pair.partition("="))
        if not (sku.isdecimal() and 0 < int(sku) <= LARGEST_ID and credit.isdecimal()):
            raise ValueError("must be pairs of SKU id and credits, such as 123456789=250000, separated by commas")
        if not 0 < int(credit) <= LARGEST_GIFT:
            raise ValueError(f"must have credits from 1 to {LARGEST_GIFT:,} for each SKU")
        if int(sku) in read:
            raise ValueError(f"must have each SKU once, and has {sku} twice")
        read[int(sku)] = int(credit)
    return read


def _with_small_scheme(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme.lower()}{separator}{rest}"


def _at_home(path: Path) -> Path:
    """Expand a leading `~`, which otherwise only a shell does."""
    if str(path).startswith("$"):
        raise ValueError("begins with a variable, which only a shell replaces; write the path itself")
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError("has a home folder that is not known") from error


def defaults(**overrides: object) -> Settings:
    """Return the default settings, ignoring the environment and `.env`; keywords override individual ones."""
    return Settings.model_construct(None, **overrides)


def load(**overrides: object) -> Settings:
    """Read the settings; keywords win over the environment.

    Raises SettingsError for the first setting that is invalid, or if `.env` cannot be read.
    """
    settings, faults = load_with_faults(**overrides)
    if faults:
        first, *others = faults.values()
        raise _with_others(first, len(others)) if others else first
    return settings


def misspelt(path: Path = Path(".env")) -> Mapping[str, str]:
    """Return the names in `.env` that are not settings but resemble one, each with the setting that it resembles.

    Other names are left alone, because the file may be shared with other programs.
    """
    known = [name.upper() for name in Settings.model_fields]
    try:
        names = [name for name in dotenv_values(path, encoding="utf-8") if name.upper() not in known]
    except (OSError, UnicodeDecodeError):  # reported when the settings are read
        return {}
    similar = {name: get_close_matches(name.upper(), known, 1, ALIKE) for name in names}
    return {name: found[0] for name, found in similar.items() if found}


def load_with_faults(**overrides: object) -> tuple[Settings, Mapping[str, SettingsError]]:
    """Read the settings, with the default in place of each invalid one, and return the errors by field.

    Raises SettingsError if `.env` cannot be read.
    """
    try:
        return Settings(**overrides), {}  # pyright: ignore[reportArgumentType] - pydantic checks them
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            name=".env", problem=f"cannot be read: {error}", fix="Make it a readable UTF-8 text file"
        ) from error
    except ValidationError as error:
        faults = {str(one["loc"][0]): _fault(one) for one in reversed(error.errors())}
    values: dict[str, Any] = {**overrides, **{name: Settings.model_fields[name].default for name in faults}}
    return Settings(**values), dict(reversed(faults.items()))


def _with_others(first: SettingsError, others: int) -> SettingsError:
    fix = f"{first.facts['fix']}. `easel check` lists {others} more"
    return SettingsError(name=str(first.facts["name"]), problem=str(first.facts["problem"]), fix=fix)


def _fault(error: ErrorDetails) -> SettingsError:
    field = str(error["loc"][0])
    shown = repr(error["input"])
    if "SecretStr" in str(Settings.model_fields[field].annotation) or "@" in shown:  # an address may contain a password
        shown = "its value (not shown)"
    problem = f"{shown} is not valid: {_rule(error)}"
    fix = f"Correct {field.upper()} in the environment or .env; .env.example explains it"
    return SettingsError(name=field.upper(), problem=problem, fix=fix)


def _rule(error: ErrorDetails) -> str:
    """Return what a value must be, in the words of `.env.example` and not in those of a validator."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_parsing_size" | "int_from_float":
            return "must be a whole number"
        case "greater_than":
            return f"must be above {limits['gt']:,}"
        case "greater_than_equal":
            return f"must be at least {limits['ge']:,}"
        case "less_than_equal":
            return f"must be at most {limits['le']:,}"
        case "literal_error" | "enum":
            return "must be " + str(limits["expected"]).replace("'", "")
        case _:
            return error["msg"].removeprefix("Value error, ")
