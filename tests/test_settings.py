"""Settings from environment and files: what they mean, and what is refused before anything is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from connector.errors import UsageError
from connector.platforms.assumed import AssumedManners
from pipelines.refresh import Options, refresh
from pipelines.settings import AccountSettings, load
from pipelines.tell import Teller

TAILED = "SOURCES__TAILED__"
TALENT_RAY = "SOURCES__TALENT_RAY__"


@pytest.fixture(autouse=True)
def one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TAILED}API_KEY", "tl_key_of_tests")


def tailed(**options: tuple[str, ...]) -> AccountSettings:
    (account,) = load(platforms=("tailed",), **options).accounts
    return account


def manners(stream: str = "") -> AssumedManners:
    account = tailed()
    found = account.manners.get(stream, account.platform.manners)
    assert isinstance(found, AssumedManners)
    return found


def test_the_documented_facts_are_the_defaults() -> None:
    account = tailed()

    assert (account.base_url, account.requests_per_minute) == ("https://api.tailed.ca", 100)
    assert account.streams == ("jobs", "candidates", "applications", "analytics_snapshots")
    assert (account.ca_file, account.proxy) == (None, None)


@pytest.mark.parametrize(
    ("setting", "value", "name", "expected"),
    [
        ("ENVELOPE__DATA", "", "data", ""),
        ("ENVELOPE__TOTAL_PAGES", "meta.pages", "total_pages", "meta.pages"),
        ("PAGE__FIRST", "1", "first_page", 1),
        ("PAGE__MAX_SIZE", "50", "max_size", 50),
        ("AUTH__SCHEME", "", "auth_scheme", ""),
        ("FIELDS__ID", "_id", "id_field", "_id"),
        ("TIMESTAMPS__FORMAT", "epoch_seconds", "timestamps_format", "epoch_seconds"),
        ("TIMESTAMPS__ZONE", "America/Montreal", "timestamps_zone", "America/Montreal"),
        ("DELETES__RETURNED", "false", "deletes_returned", False),
        ("RATE__STATUS", "503", "rate_status", 503),
        ("RATE__HEADER", "X-Wait", "rate_header", "X-Wait"),
    ],
)
def test_every_word_of_the_api_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, name: str, expected: object
) -> None:
    monkeypatch.setenv(f"{TAILED}{setting}", value)

    assert getattr(manners(), name) == expected


def test_a_setting_of_one_stream_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TAILED}SNAPSHOTS__PAGE__MAX_SIZE", "10")
    monkeypatch.setenv(f"{TAILED}APPLICATIONS__ENVELOPE__DATA", "rows")

    assert manners("analytics_snapshots").max_size == 10
    assert manners("applications").data == "rows"
    assert (manners("candidates").max_size, manners("candidates").data) == (100, "data")


def test_times_in_another_form_are_looked_for_under_the_names_of_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TAILED}TIMESTAMPS__FORMAT", "epoch_seconds")
    monkeypatch.setenv(f"{TAILED}FIELDS__CREATED_AT", "created")

    assert "created" in manners("jobs").time_fields
    assert manners("analytics_snapshots").time_fields == ("generatedAt",)


def test_the_plan_of_enterprise_and_a_staging_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TAILED}RATE__PER_MINUTE", "500")
    monkeypatch.setenv(f"{TAILED}BASE_URL", "https://staging.example.com/api")
    with pytest.raises(UsageError, match="a host that is not allowed"):
        load()
    monkeypatch.setenv(f"{TAILED}ALLOWED_HOSTS", "staging.example.com")

    assert (tailed().requests_per_minute, tailed().base_url) == (500, "https://staging.example.com/api")


def test_accounts_share_what_describes_the_api_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TAILED}PAGE__FIRST", "1")
    monkeypatch.setenv(f"{TAILED}REQUESTS_PER_MINUTE", "500")
    monkeypatch.setenv(f"{TAILED}ACCOUNTS__ACME__API_KEY", "tl_another_key")
    monkeypatch.setenv(f"{TAILED}ACCOUNTS__ACME__STREAMS", "jobs,snapshots")
    first, acme = load(platforms=("tailed",)).accounts

    assert (first.name, acme.name) == ("tailed", "tailed.acme")
    assert first.platform.manners.first_page == acme.platform.manners.first_page == 1
    assert (first.requests_per_minute, acme.requests_per_minute) == (500, 100)
    assert acme.streams == ("jobs", "analytics_snapshots")
    assert [one.name for one in load(platforms=("tailed",), accounts=("acme",)).accounts] == ["tailed.acme"]


@pytest.fixture
def dlt_folder(tmp_path: Path) -> Iterator[Path]:
    """A `.dlt` folder where the tests run, and a way for dlt to see it: it looks for its files once."""
    context = Container()[PluggableRunContext]
    folder = tmp_path / ".dlt"
    folder.mkdir()
    yield folder
    context.reload(str(Path(__file__).parents[1]))


def test_files_and_environment_say_the_same(dlt_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"{TAILED}API_KEY")
    secrets = dlt_folder / "secrets.toml"
    secrets.write_text(
        '[sources.tailed]\napi_key = "tl_from_a_file"\n[sources.tailed.page]\nfirst = 1\n'
        '[sources.tailed.applications.fields.rename]\nstageEnteredAt = "stage_entered_at"\n'
    )
    secrets.chmod(0o644)
    Container()[PluggableRunContext].reload(str(dlt_folder.parent))
    (account,) = (settings := load(platforms=("tailed",))).accounts

    assert account.key.reveal() == "tl_from_a_file"
    assert account.platform.manners.first_page == 1
    assert account.rename == {"applications": {"stageEnteredAt": "stage_entered_at"}}
    assert settings.warnings == ("Others on this machine can read .dlt/secrets.toml. Run: chmod 600 .dlt/secrets.toml",)


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("PAGE__FIRST", "one", "PAGE__FIRST is not a number"),
        ("PAGE__MAX_SIZE", "0", "at least 1"),
        ("PAGE__PARAM", "", "is empty"),
        ("REQUESTS_PER_MINUTE", "1.5", "not a whole number"),
        ("DELETES__RETURNED", "perhaps", "neither true nor false"),
        ("TIMESTAMPS__FORMAT", "yesterday", "names no form of times"),
        ("TIMESTAMPS__ZONE", "Mars/Olympus", "names no time zone"),
        ("PATHS__JOBS", "https://elsewhere.example/jobs", "is not a path"),
        ("PATHS__JOBS", "/v1/../admin", "is not a path"),
        ("STREAMS", "jobs,people", "names 'people'"),
        ("APPLICATIONS__FIELDS__RENAME", '{"stage_entered": "x"}', "renames 'stage_entered', which is no field"),
        ("FIELDS__RENAME", "stage", "is not a table of names"),
        ("CA_FILE", "/nowhere.pem", "names no file"),
        ("PROXY", "somewhere", "leads to no proxy"),
        ("BASE_URL", "http://api.tailed.ca", "http"),
        ("API_KEY", "two words", "malformed"),
        ("ACCOUNTS__BIG-ONE__API_KEY", "tl_key", "cannot name an account"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"{TAILED}{setting}", value)

    with pytest.raises(UsageError, match=told) as error:
        load()
    assert error.value.exit_status == 2
    assert "tl_key" not in str(error.value)


def test_a_key_of_another_form_is_tried_with_a_warning_since_its_form_is_known_by_example_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY", "some-other-key")
    settings = load(platforms=["talent_ray"])

    assert settings.accounts[0].key.reveal() == "some-other-key"
    assert [warning.split(":")[0] for warning in settings.warnings] == ["The key of talent_ray has an unusual form"]


def test_the_environments_proxy_is_used_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example:3128")
    assert tailed().proxy is None
    monkeypatch.setenv(f"{TAILED}PROXY", "environment")

    assert tailed().proxy == "http://user:word@proxy.example:3128"
    assert "word" not in repr(tailed())


def test_without_a_key_the_reader_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"{TAILED}API_KEY")

    with pytest.raises(UsageError, match="SOURCES__TALENT_RAY__API_KEY or SOURCES__TAILED__API_KEY"):
        load()


@pytest.mark.usefixtures("server")
def test_what_is_unsafe_is_told_before_the_work_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".dlt").mkdir()
    secrets = tmp_path / ".dlt" / "secrets.toml"
    secrets.touch()
    secrets.chmod(0o644)
    wanted = Options(str(tmp_path / "hiring.duckdb"), platforms=("talent_ray",), select=("tests",), skip_build=True)
    refresh(wanted, Teller(), threading.Event())

    assert "Warning: Others on this machine can read .dlt/secrets.toml. Run: chmod 600" in capsys.readouterr().err
