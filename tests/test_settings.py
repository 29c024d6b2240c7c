"""Settings from environment and files: what they mean, and what is refused before anything is asked."""

from __future__ import annotations

import json
import threading
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


WORDS = [
    ("auth.header", "X-Key", "auth_header"),
    ("auth.scheme", "", "auth_scheme"),
    ("envelope.data", "", "data"),
    ("envelope.page", "meta.page", "page"),
    ("envelope.page_size", "meta.size", "page_size"),
    ("envelope.total_count", "meta.total", "total_count"),
    ("envelope.total_pages", "meta.pages", "total_pages"),
    ("page.first", 1, "first_page"),
    ("page.param", "p", "page_param"),
    ("page.size_param", "limit", "size_param"),
    ("page.max_size", 50, "max_size"),
    ("fields.id", "_id", "id_field"),
    ("timestamps.format", "epoch_seconds", "timestamps_format"),
    ("timestamps.zone", "America/Montreal", "timestamps_zone"),
    ("deletes.returned", False, "deletes_returned"),
    ("rate.status", 420, "rate_status"),
    ("rate.header", "X-Wait", "rate_header"),
]
PER_STREAM = [word for word in WORDS if word[0].split(".")[0] in {"envelope", "page", "fields"}]


def variable(setting: str) -> str:
    return f"{TAILED}{setting.replace('.', '__').upper()}"


def toml(section: str, setting: str, value: object) -> str:
    *groups, last = setting.split(".")
    return f"[{'.'.join([section, *groups])}]\n{last} = {json.dumps(value)}\n"


def from_a_file(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text(text)
    Container()[PluggableRunContext].reload(str(folder.parent))


@pytest.mark.parametrize(("setting", "value", "name"), WORDS)
def test_every_word_of_the_api_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: object, name: str
) -> None:
    assert getattr(manners(), name) != value
    monkeypatch.setenv(variable(setting), str(value).lower() if value is False else str(value))

    assert getattr(manners(), name) == value


@pytest.mark.parametrize(("setting", "value", "name"), WORDS)
def test_every_word_of_the_api_can_stand_in_a_file(dlt_folder: Path, setting: str, value: object, name: str) -> None:
    from_a_file(dlt_folder, toml("sources.tailed", setting, value))

    assert getattr(manners(), name) == value


@pytest.mark.parametrize(("setting", "value", "name"), PER_STREAM)
def test_envelope_page_and_fields_can_be_set_for_one_stream_alone(
    dlt_folder: Path, setting: str, value: object, name: str
) -> None:
    from_a_file(dlt_folder, toml("sources.tailed.applications", setting, value))

    assert getattr(manners("applications"), name) == value
    assert getattr(manners("candidates"), name) != value


@pytest.mark.parametrize("name", ["candidates", "jobs", "applications", "snapshots"])
def test_every_path_is_a_setting(monkeypatch: pytest.MonkeyPatch, dlt_folder: Path, name: str) -> None:
    stream = "analytics_snapshots" if name == "snapshots" else name
    from_a_file(dlt_folder, toml("sources.tailed", f"paths.{name}", "/v2/filed"))
    assert tailed().platform.stream(stream).path == "/v2/filed"
    monkeypatch.setenv(variable(f"paths.{name}"), "/v2/told")
    assert tailed().platform.stream(stream).path == "/v2/told"


def test_the_times_and_the_mark_of_deletion_are_settings_for_all_streams_or_one(dlt_folder: Path) -> None:
    from_a_file(
        dlt_folder,
        '[sources.tailed.fields]\ncreated_at = "made"\nupdated_at = "changed"\ndeleted_at = "gone"\n'
        '[sources.tailed.jobs.fields]\nupdated_at = "touched"\n'
        '[sources.tailed.snapshots.fields]\ncreated_at = "written"\n',
    )
    account = tailed()

    assert account.rename["candidates"] == {"createdAt": "made", "updatedAt": "changed", "deletedAt": "gone"}
    assert account.rename["jobs"] == {"createdAt": "made", "updatedAt": "touched", "deletedAt": "gone"}
    assert account.rename["analytics_snapshots"] == {"generatedAt": "written"}
    assert account.platform.stream("analytics_snapshots").created_at == "written"


def test_base_url_rate_and_streams_can_stand_in_a_file(dlt_folder: Path) -> None:
    from_a_file(
        dlt_folder,
        '[sources.tailed]\nbase_url = "https://api.tailed.ca/eu"\nstreams = ["jobs", "snapshots"]\n'
        "[sources.tailed.rate]\nper_minute = 500\n",
    )
    account = tailed()

    assert (account.base_url, account.requests_per_minute) == ("https://api.tailed.ca/eu", 500)
    assert account.streams == ("jobs", "analytics_snapshots")


def test_keys_in_the_one_file_and_hosts_in_the_other_make_an_account(dlt_folder: Path) -> None:
    (dlt_folder / "secrets.toml").write_text('[sources.tailed.accounts.acme]\napi_key = "tl_acme"\n')
    from_a_file(
        dlt_folder,
        '[sources.tailed.accounts.acme]\nbase_url = "https://api.tailed.ca/acme"\n'
        "requests_per_minute = 500\n[sources.tailed.accounts.acme.page]\nfirst = 1\n",
    )
    first, acme = load(platforms=("tailed",)).accounts

    assert (acme.name, acme.base_url, acme.requests_per_minute) == ("tailed.acme", "https://api.tailed.ca/acme", 500)
    assert (first.platform.manners.first_page, acme.platform.manners.first_page) == (0, 1)
    assert acme.key_setting == "SOURCES__TAILED__ACCOUNTS__ACME__API_KEY"


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
        ("FIELDS__RENAME", '{"stage_entered": "x"}', "renames 'stage_entered', which is no field"),
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
