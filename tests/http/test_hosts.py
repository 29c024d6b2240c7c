"""Which base URLs are accepted, and what an id can do to a path. No socket is opened here."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.errors import ContractBroken, UsageError
from connector.http.hosts import FilledPath, allowed_base_url, fill_path, is_loopback

HOSTS = ("*.talent-ray.com",)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://app.talent-ray.com", "https://app.talent-ray.com"),
        ("https://acme.talent-ray.com/", "https://acme.talent-ray.com"),
        ("HTTPS://App.Talent-Ray.com:8443/v2//", "https://app.talent-ray.com:8443/v2"),
        ("https://hiring.acme.example", "https://hiring.acme.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://localhost:80/sandbox/", "http://localhost:80/sandbox"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://localhost", "https://localhost"),
    ],
)
def test_a_base_url_of_an_allowed_host_is_accepted_and_normalised(url, base):
    assert allowed_base_url(url, HOSTS, own_hosts=["hiring.acme.example"]) == base


@pytest.mark.parametrize(
    "url",
    [
        "http://app.talent-ray.com",
        "https://evil.example",
        "https://talent-ray.com",
        "https://talent-ray.com.evil.example",
        "https://nottalent-ray.com",
        "https://app.talent-ray.co",
        "https://app.talent_ray.com",
        "https://-.talent-ray.com",
        "https://..talent-ray.com",
        "https://app.talent-ray.com.",
        "https://localhost.",
        "https://xn--tlent-ray-y1a.com",
        "https://app.t\u0430lent-ray.com",
        "https://app\u3002talent-ray.com",
        "https://user@app.talent-ray.com",
        "https://user:s3same@app.talent-ray.com",
        "https://@app.talent-ray.com",
        "https://app.talent-ray.com@evil.example",
        "https://evil.example\\@app.talent-ray.com",
        "https://app.talent-ray.com%2eevil.example",
        "https://app.talent-ray.com:0",
        "https://app.talent-ray.com:99999",
        "https://app.talent-ray.com:",
        "https://app.talent-ray.com:a",
        "https://app.talent-ray.com/../x",
        "https://app.talent-ray.com/%2e%2e/x",
        "https://app.talent-ray.com//x",
        "https://app.talent-ray.com?key=1",
        "https://app.talent-ray.com?",
        "https://app.talent-ray.com#a",
        "https://app.talent-ray.com\n",
        "https://app.talent-ray.com /",
        "https://10.0.0.1",
        "https://93.184.216.34",
        "https://[2001:db8::1]",
        "https://[::1",
        "https://0.0.0.0",
        "http://0.0.0.0",
        "http://0",
        "http://127.1",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://127.0.0.256",
        "http://127.0.0.01",
        "http://127.0.0.1.evil.example",
        "http://[::ffff:127.0.0.1]",
        "http://[::1%25lo]",
        "http://[::]",
        "http://localhost.evil.example",
        "ftp://localhost",
        "file:///etc/passwd",
        "//app.talent-ray.com",
        "app.talent-ray.com",
        "localhost:8000",
        "",
    ],
)
def test_any_other_base_url_is_a_matter_of_settings_and_is_not_repeated(url):
    with pytest.raises(UsageError) as caught:
        allowed_base_url(url, HOSTS, setting="SOURCES__TALENT_RAY__BASE_URL")

    assert (caught.value.exit_status, caught.value.setting) == (2, "SOURCES__TALENT_RAY__BASE_URL")
    assert "SOURCES__TALENT_RAY__BASE_URL" in str(caught.value)
    assert "s3same" not in str(caught.value)


@given(st.text(alphabet="htps:/.@[]1207localntry-evi%\\?#\u0430 com", max_size=40) | st.text(max_size=20))
@example("https://app.talent-ray.com")
def test_whatever_is_accepted_leads_to_an_allowed_host(text):
    for url in (text, f"https://{text}", f"http://{text}", f"https://app.talent-ray.com{text}"):
        try:
            base = allowed_base_url(url, HOSTS)
        except UsageError:
            continue
        parts = urlsplit(base)
        assert is_loopback(parts.hostname) or (parts.scheme, parts.hostname[-15:]) == ("https", ".talent-ray.com")
        assert allowed_base_url(base, HOSTS) == base


def test_ids_fill_a_path_and_stay_out_of_its_template():
    path = fill_path("/api/v1/roles/{role_id}/steps/{id}", role_id="a/b", id="ü ?#%41")

    assert path == "/api/v1/roles/a%2Fb/steps/%C3%BC%20%3F%23%2541"
    assert isinstance(path, FilledPath)
    assert path.template == "/api/v1/roles/{role_id}/steps/{id}"


@pytest.mark.parametrize("value", ["", ".", "..", "\ud800", "x" * 1_025, None, 7])
def test_an_id_that_cannot_stand_in_a_path_is_refused(value):
    with pytest.raises(ContractBroken) as caught:
        fill_path("/api/v1/roles/{id}", id=value)

    assert caught.value.exit_status == 5


@given(st.text())
def test_an_id_that_is_accepted_comes_out_of_the_path_as_it_went_in(value):
    try:
        path = fill_path("/a/{id}/b", id=value)
    except ContractBroken:
        return

    assert path.isascii()
    _, first, segment, last = path.split("/")
    assert (first, unquote(segment), last) == ("a", value, "b")


def test_a_path_with_an_id_that_is_missing_is_refused():
    with pytest.raises(ContractBroken):
        fill_path("/a/{id}/{other}", id="x")
