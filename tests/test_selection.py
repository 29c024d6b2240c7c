"""`--platform`, `--account`, `--select`: what each names, alone and together, and what a wrong name is told."""

from __future__ import annotations

import pytest

from connector.errors import UsageError
from pipelines.settings import load

TALENT_RAY = "SOURCES__TALENT_RAY__"
TAILED = "SOURCES__TAILED__"
KEY = "tr_" + "k" * 64


@pytest.fixture(autouse=True)
def three_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{TALENT_RAY}API_KEY", KEY)
    monkeypatch.setenv(f"{TALENT_RAY}ACCOUNTS__ACME__API_KEY", KEY)
    monkeypatch.setenv(f"{TAILED}API_KEY", "tl_key")


def chosen(**options: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {account.name: account.streams for account in load(**options).accounts}


def refused(**options: tuple[str, ...]) -> str:
    with pytest.raises(UsageError) as error:
        load(**options)
    assert error.value.exit_status == 2
    return str(error.value)


def test_without_options_every_account_is_read() -> None:
    assert list(chosen()) == ["talent_ray", "talent_ray.acme", "tailed"]


@pytest.mark.parametrize(
    ("options", "accounts"),
    [
        ({"platforms": ("talent_ray",)}, ["talent_ray", "talent_ray.acme"]),
        ({"accounts": ("default",)}, ["talent_ray", "tailed"]),
        ({"accounts": ("acme",)}, ["talent_ray.acme"]),
        ({"accounts": ("talent_ray.acme",)}, ["talent_ray.acme"]),
        ({"accounts": ("acme", "tailed")}, ["talent_ray.acme", "tailed"]),
        ({"platforms": ("tailed",), "accounts": ("default",)}, ["tailed"]),
    ],
)
def test_platforms_and_accounts_narrow_each_other(options: dict[str, tuple[str, ...]], accounts: list[str]) -> None:
    assert list(chosen(**options)) == accounts


@pytest.mark.parametrize(
    ("options", "streams"),
    [
        (
            {"select": ("candidates",)},
            {"talent_ray": ("candidates",), "talent_ray.acme": ("candidates",), "tailed": ("candidates",)},
        ),
        ({"select": ("tailed.candidates",)}, {"tailed": ("candidates",)}),
        ({"select": ("talent_ray.candidates",)}, {"talent_ray": ("candidates",), "talent_ray.acme": ("candidates",)}),
        ({"select": ("talent_ray.acme.roles", "jobs")}, {"talent_ray.acme": ("roles",), "tailed": ("jobs",)}),
        ({"select": ("talent_ray.default.roles",)}, {"talent_ray": ("roles",)}),
        ({"select": ("snapshots",)}, {"tailed": ("analytics_snapshots",)}),
        ({"select": ("lead_roles",), "accounts": ("acme",)}, {"talent_ray.acme": ("leads",)}),
    ],
)
def test_a_stream_is_selected_by_its_name_as_it_stands_in_the_output_or_shorter(
    options: dict[str, tuple[str, ...]], streams: dict[str, tuple[str, ...]]
) -> None:
    assert chosen(**options) == streams


def test_a_name_that_fits_nothing_is_refused_with_those_that_do() -> None:
    told = refused(platforms=("tailde",))
    assert told == "There is no platform 'tailde'. Choose from talent_ray, tailed."
    told = refused(accounts=("acme", "nobody"))
    assert told.startswith("There is no account 'nobody'. Choose from default (of Talent-Ray), acme (of Talent-Ray)")
    assert refused(platforms=("tailed",), accounts=("acme",)).startswith("There is no account 'acme'.")
    assert refused(select=("candidate",)).startswith("There is no stream 'candidate' in Talent-Ray, Tailed.")
    assert refused(select=("tailed.roles",)) == (
        "There is no stream 'tailed.roles' in Tailed. Choose from analytics_snapshots, applications, candidates, jobs."
    )
    assert refused(platforms=("tailed",), select=("jobs", "roles")).startswith("There is no stream 'roles' in Tailed.")
    assert refused(select=("talent_ray.nobody.roles",)).startswith("There is no stream 'talent_ray.nobody.roles'")


def test_a_stream_that_is_off_is_refused_with_what_turns_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(select=("portal_roles",)) == (
        "The stream 'portal_roles' of talent_ray is off. Name what to read in SOURCES__TALENT_RAY__PORTAL_SLUGS."
    )
    assert "SOURCES__TALENT_RAY__ACCOUNTS__ACME__API_KEY_AUDIT to true" in refused(
        select=("api_keys",), accounts=("acme",)
    )
    monkeypatch.setenv(f"{TAILED}STREAMS", "jobs")
    assert refused(select=("tailed.candidates",)) == (
        "The stream 'candidates' of tailed is off. SOURCES__TAILED__STREAMS leaves it out: add it there."
    )
    monkeypatch.setenv(f"{TALENT_RAY}PORTAL_SLUGS", "acme")
    assert chosen(select=("portal_roles",)) == {"talent_ray": ("portal_roles",)}


def test_a_platform_asked_for_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"{TAILED}API_KEY")

    assert refused(platforms=("talent_ray", "tailed")).startswith("Tailed has no key yet. Set SOURCES__TAILED__API_KEY")
    assert list(chosen()) == ["talent_ray", "talent_ray.acme"]
