"""Facts from URLs and headers, as odd as the web has them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.warc.facts import consent, doc_id, host, parse_content_type, registered_domain
from headwater.warc.record import parse_date

HOSTS = [
    ("https://user:pass@Www.Example.CO.UK:8443/p?q#f", "www.example.co.uk", "example.co.uk"),
    ("http://пример.испытание/", "xn--e1afmkfd.xn--80akhbyknj4f", "xn--e1afmkfd.xn--80akhbyknj4f"),
    ("http://192.0.2.7:80/", "192.0.2.7", "192.0.2.7"),
    ("http://[2001:db8::1]/", "2001:db8::1", "2001:db8::1"),
    ("http://example.org./", "example.org", "example.org"),
    ("http://blog.github.io/", "blog.github.io", "blog.github.io"),
    ("http://co.uk/", "co.uk", None),
    ("http://localhost/", "localhost", None),
    ("dns:example.org", None, None),
    ("http://[broken/", None, None),
    ("http:///path", None, None),
    ("http://a b/", None, None),
    ("", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("url", "name", "domain"), HOSTS)
def test_host_and_registered_domain(url, name, domain):
    assert (host(url), registered_domain(url)) == (name, domain)


@given(st.text(max_size=80))
def test_no_url_raises(text):
    assert host(text) is None or registered_domain(f"http://{text}") is not Ellipsis


CONTENT_TYPES = [
    ("text/html; charset=UTF-8", ("text/html", "utf-8")),
    ('Text/HTML;Charset="iso-8859-1"', ("text/html", "iso-8859-1")),
    ("text/html charset=euc-kr", ("text/html", "euc-kr")),
    ("text/html; xcharset=no", ("text/html", None)),
    ("; charset=utf-8", (None, "utf-8")),
    ("html", (None, None)),
    ("imag\ufffd=m)", (None, None)),
    (None, (None, None)),
]


@pytest.mark.parametrize(("value", "parsed"), CONTENT_TYPES)
def test_content_types(value, parsed):
    assert parse_content_type(value) == parsed


def test_consent_keeps_every_header_that_speaks_of_use():
    headers = [
        ("X-Robots-Tag", "noai"),
        ("TDM-Reservation", "1"),
        ("x-robots-tag", "otherbot: noindex"),
        ("Link", '<https://a.example/>; rel="next", <https://cc.example/by>; rel="license"'),
        ("Server", "x"),
    ]
    assert json.loads(consent(headers)) == {
        "link-license": ["https://cc.example/by"],
        "tdm-reservation": ["1"],
        "x-robots-tag": ["noai", "otherbot: noindex"],
    }


def test_no_consent_header_is_none():
    assert consent([("Server", "x"), ("Link", "</style.css>; rel=preload")]) is None


def test_consent_is_bounded():
    assert len(consent([("tdm-policy", "x" * 10_000)] * 100)) < 3000


def test_doc_id_is_over_the_record_id_or_else_the_place():
    assert doc_id(" <urn:uuid:1> ", "a", 1) == doc_id("<urn:uuid:1>", "b", 2) == "fa41504949957d906377e941ff4be85f"
    assert doc_id(None, "a", 1) == doc_id("", "a", 1) != doc_id(None, "a", 2)
    assert len(doc_id(None, "a", 1)) == 32


DATES = [
    ("2024-10-02T03:04:05Z", "2024-10-02T03:04:05+00:00"),
    ("2024-10-02T03:04:05.123456789Z", "2024-10-02T03:04:05.123456+00:00"),
    ("2024-10-02T05:04:05+02:00", "2024-10-02T03:04:05+00:00"),
    ("20241002030405", "2024-10-02T03:04:05+00:00"),
    ("200011101120", "2000-11-10T11:20:00+00:00"),
    ("20160211000000jpg", "2016-02-11T00:00:00+00:00"),
    ("2024-10", "2024-10-01T00:00:00+00:00"),
    ("2024", "2024-01-01T00:00:00+00:00"),
    ("soon", None),
    ("99999999999999", None),
    ("0001-01-01T00:00:00+23:00", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "moment"), DATES)
def test_dates(text, moment):
    found = parse_date(text)
    assert (found and found.isoformat()) == moment
