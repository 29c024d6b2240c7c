# ruff: noqa: RUF001 - letters that look alike are the point
from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import pyarrow as pa
import pytest

from connector.contract import DIRECT, FREE_TEXT, LINK, SENSITIVE, Column, Privacy, json, text
from connector.findings import Quarantined
from connector.platforms import PLATFORMS, TALENT_RAY
from connector.privacy import Erased, Policy, Profile, canonical, subject, token, token_domain, tokens

KEY = b"a key of thirty-two characters.."
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LEADS = TALENT_RAY.table("leads")
MINIMAL, TOKENS, FULL = Policy(), Policy(Profile.PSEUDONYMOUS, KEY), Policy(Profile.FULL)


def lead(**values):
    columns = {column.name: pa.array([values.get(column.name)], pa.string()) for column in LEADS.columns}
    return pa.table(columns | {"_extra": pa.array([values.get("_extra")], pa.string())})


ADA = {
    "id": "lead_1",
    "full_name": "Ada",
    "email": "Ada@example.org",
    "contact_email": " ada@EXAMPLE.org",
    "summary": "a text",
    "skills": '["sql"]',
    "status": "sourced",
    "_extra": '{"nickname": "A."}',
}


def stored(policy):
    row = policy.applied(LEADS, lead(**ADA)).to_pylist()[0]
    return {name: row[name] for name in ADA}


def test_minimal_stores_keys_and_facts():
    assert stored(MINIMAL) == dict.fromkeys(ADA) | {"id": "lead_1", "status": "sourced"}


def test_pseudonymous_stores_tokens_of_direct_identifiers_as_well():
    mail = token(KEY, "email", "ada@example.org")

    assert stored(TOKENS) == dict.fromkeys(ADA) | {
        "id": "lead_1",
        "status": "sourced",
        "full_name": token(KEY, "name", "Ada"),
        "email": mail,
        "contact_email": mail,
    }


def test_full_stores_all_of_it():
    assert stored(FULL) == ADA


def test_a_token_is_the_documented_one():
    digest = hmac.new(KEY, b"email\0ada@example.org", hashlib.sha256).digest()

    assert token(KEY, "email", " Ada@Example.ORG ") == "v1:" + base64.b32encode(digest).decode()[:26]


@pytest.mark.parametrize(
    ("domain", "one", "other"),
    [
        ("email", "INFO@EXAMPLE.ORG", "info@example.org"),
        ("email", "info@example.org", "ｉｎｆｏ@example.org"),  # the wide letters of CJK keyboards
        ("email", "İpek@example.org", "İpek@example.org\n"),
        ("name", "Zoe\u0308", "Zo\u00eb "),
        ("phone", "+90 (532) 111-22-33", "00905321112233"),
        ("phone", "+44 (0)20 7946 0000", "+442079460000"),
        ("phone", "tel:+1-202-555-0100;ext=7", "+1 202 555 0100 x7"),
        ("phone", "+٩٠٥٣٢١١١٢٢٣٣", "+905321112233"),
    ],
)
def test_spellings_of_one_value_have_one_token(domain, one, other):
    assert token(KEY, domain, one) == token(KEY, domain, other)


@pytest.mark.parametrize(
    ("domain", "one", "other"),
    [
        ("email", "ILKE@example.org", "ılke@example.org"),  # a dotless i is no lower case of I here
        ("email", "İlke@example.org", "ilke@example.org"),
        ("email", "İlke@example.org", "ılke@example.org"),
        ("email", "ÖZ@example.org", "öz@example.org"),  # what is not ASCII has no case here
        ("email", "strasse@example.org", "straße@example.org"),
        ("name", "Ada", "ada"),
        ("phone", "+905321112233", "05321112233"),  # no country is guessed
    ],
)
def test_spellings_of_different_values_have_different_tokens(domain, one, other):
    assert token(KEY, domain, one) != token(KEY, domain, other)


def test_tokens_differ_by_key_and_by_domain():
    value = "ada@example.org"
    made = {token(secret, domain, value) for secret in (KEY, KEY[::-1]) for domain in ("email", "name", "phone2")}

    assert len(made) == 6


def test_what_is_blank_has_no_token():
    column = text("email", privacy=DIRECT)

    assert tokens(KEY, column, ["", " \t", None, "a@b.c"])[:3] == [None, None, None]
    assert token(KEY, "phone", "unknown") is None


def test_a_half_of_a_surrogate_pair_is_hashed_and_stops_nobody():
    assert (token(KEY, "name", "A\ud800") or "").startswith("v1:")


def test_e_mail_columns_share_a_domain_and_names_another():
    assert [token_domain(name) for name in ("email", "contact_email", "owner_email")] == ["email"] * 3
    assert [token_domain(name) for name in ("full_name", "owner_name", "ip", "user_agent", "university")] == [
        "name",
        "name",
        "ip",
        "user_agent",
        "university",
    ]


def test_phones_keep_their_plus_and_lose_everything_else():
    assert canonical("phone", " +90 532.111 22 33 ext. 5") == "+905321112233"


@pytest.mark.parametrize("policy", [MINIMAL, TOKENS, FULL], ids=lambda policy: policy.profile.value)
def test_links_are_never_stored(policy):
    assert not policy.stores(text("resumeUrl", privacy=LINK))


def test_a_direct_identifier_that_is_no_text_is_withheld_rather_than_tokenised():
    assert not TOKENS.tokenises(json("addresses", privacy=DIRECT))
    assert not TOKENS.tokenises(text("summary", privacy=FREE_TEXT))
    assert not TOKENS.stores(text("health", privacy=SENSITIVE))


@pytest.mark.parametrize(
    ("policy", "samples"),
    [(MINIMAL, ["sourced", None, None]), (TOKENS, ["sourced", None, None]), (FULL, ["sourced", "Ada", None])],
    ids=["minimal", "pseudonymous", "full"],
)
def test_quarantine_shows_only_what_the_column_may_hold(policy, samples):
    found = [
        Quarantined("leads", "k", column, "odd", value, NOW)
        for column, value in (("status", "sourced"), ("full_name", "Ada"), ("undeclared", "Ada"))
    ]

    assert [entry.value for entry in policy.quarantined(LEADS, found)] == samples


def test_samples_are_short():
    (entry,) = FULL.quarantined(LEADS, [Quarantined("leads", "k", "status", "odd", "x" * 10_000, NOW)])

    assert entry.value == "x" * 200


def test_columns_whose_new_words_are_told_as_drift_are_facts():
    """The drift note shows the word itself, whatever the profile."""
    told = [column for platform in PLATFORMS.values() for table in platform.tables for column in table.columns]

    assert {column.privacy for column in told if column.known} == {Privacy.FACT}


def test_names_addresses_and_texts_about_people_are_classed():
    """In doubt the stricter class: these names never stand for a fact."""
    suspicious = ("full_name", "email", "phone", "summary", "rejection_reason", "skills", "ip", "user_agent", "tags")

    def is_suspicious(column: Column) -> bool:
        return column.name in suspicious or column.name.endswith(("_email", "_phone")) or column.name == "owner_name"

    open_columns = [
        column.name
        for platform in PLATFORMS.values()
        for table in platform.tables
        for column in table.columns
        if is_suspicious(column) and column.privacy in {Privacy.FACT, Privacy.KEY}
    ]
    assert open_columns == []


def test_keys_are_told_apart_by_an_id_that_does_not_show_them():
    policies = [TOKENS, Policy(Profile.PSEUDONYMOUS, KEY[::-1]), MINIMAL, FULL]

    assert len({policy.fingerprint for policy in policies}) == 4
    assert KEY.decode() not in repr(TOKENS) + TOKENS.fingerprint
    assert TOKENS.key_id not in KEY.hex()


def test_the_erased_are_known_by_platform_stream_and_id():
    secret = b"k" * 32
    erased = Erased({secret: frozenset({subject(secret, "talent_ray", "leads", "1")})})

    assert erased.among("talent_ray", "leads", ["1", "2", None]) == {"1"}
    assert erased.among("talent_ray", "candidates", ["1"]) == set()
    assert erased.among("tailed", "leads", ["1"]) == set()
    assert not Erased()
    assert secret.hex() not in repr(erased)
