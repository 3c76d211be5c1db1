"""Which addresses may be reached, and which spellings of an address are refused."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.addresses import is_public, web_address

NOT_PUBLIC = {
    "loopback": "127.0.0.1",
    "loopback, other": "127.255.255.254",
    "this network": "0.0.0.0",
    "this network, other": "0.1.2.3",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 172, end": "172.31.255.255",
    "private 192": "192.168.1.1",
    "carrier grade": "100.64.0.1",
    "carrier grade, end": "100.127.255.254",
    "link local": "169.254.1.1",
    "cloud metadata": "169.254.169.254",
    "protocol assignments": "192.0.0.8",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "6to4 relay": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 unspecified": "::",
    "v6 loopback": "::1",
    "v6 compatible": "::8.8.8.8",
    "v6 mapped loopback": "::ffff:127.0.0.1",
    "v6 mapped public": "::ffff:8.8.8.8",
    "v6 translated": "::ffff:0:8.8.8.8",
    "NAT64": "64:ff9b::7f00:1",
    "NAT64 of a public one": "64:ff9b::808:808",
    "NAT64 local": "64:ff9b:1::1",
    "discard": "100::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ORCHID": "2001:20::1",
    "6to4": "2002:7f00:1::1",
    "v6 documentation": "2001:db8::1",
    "v6 documentation, new": "3fff::1",
    "segment routing": "5f00::1",
    "unique local": "fd00::1",
    "v6 link local": "fe80::1",
    "v6 link local with zone": "fe80::1%eth0",
    "public with zone": "2606:4700::1111%eth0",
    "site local": "fec0::1",
    "v6 multicast": "ff02::1",
    "no address at all": "localhost",
    "empty": "",
}
PUBLIC = (
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
)


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC.keys())
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_what_the_standard_library_calls_local_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    local = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )

    assert not (local and is_public(address))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_in_a_mapped_or_translated_form(address: ipaddress.IPv4Address) -> None:
    number = int(address)

    for prefix in (0, 0xFFFF << 32, 0xFFFF << 48, 0x64FF9B << 96, 0x2002 << 112 | number << 80):
        assert not is_public(ipaddress.IPv6Address(prefix | number))


REFUSED = {
    "credentials": "https://user:secret@e.test/",
    "user only": "https://user@e.test/",
    "backslash before the at sign": "http://public.test\\@127.0.0.1/",
    "backslash": "http:\\\\e.test/",
    "backslash in the path": "http://e.test/a\\b",
    "decimal host": "http://2130706433/",
    "hexadecimal host": "http://0x7f000001/",
    "hexadecimal part": "http://0x7f.0.0.1/",
    "octal host": "http://0177.0.0.1/",
    "short dotted host": "http://127.1/",
    "five parts": "http://1.2.3.4.5/",
    "full-width dots": "http://127。0。0。1/",
    "full-width letters": "http://\uff45.test/",
    "circled digits": "http://①②⑦.0.0.1/",
    "trailing dot": "http://e.test./",
    "empty label": "http://e..test/",
    "no host": "http:///path",
    "only a port": "http://:80/",
    "port zero": "http://e.test:0/",
    "port too high": "http://e.test:65536/",
    "port in words": "http://e.test:eighty/",
    "empty port": "http://e.test:/",
    "white space": "http://e.test/a b",
    "leading space": " http://e.test/",
    "line break": "http://e.test/\r\nHost: x",
    "NUL": "http://e.test/\x00",
    "file": "file:///etc/passwd",
    "ftp": "ftp://e.test/",
    "gopher": "gopher://e.test/",
    "data": "data:text/xml,<rss/>",
    "javascript": "javascript:alert(1)",
    "no scheme": "e.test/feed",
    "scheme-relative": "//e.test/feed",
    "v6 zone": "http://[fe80::1%25eth0]/",
    "v6 unclosed": "http://[::1/",
    "v6 nonsense": "http://[::zz]/",
    "percent in host": "http://127.0.0.1%2f.test/",
    "label too long": f"http://{'a' * 64}.test/",
    "too long": "http://e.test/" + "a" * 5000,
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_an_address_with_a_trick_in_it_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        web_address(url)


ACCEPTED = {
    "https://e.test/feed.xml": "e.test",
    "http://E.Test/Feed?x=1&y=@2": "e.test",
    "http://e.test": "e.test",
    "https://e.test:8443/": "e.test",
    "https://e.test:443/": "e.test",
    "http://93.184.216.34/feed": "93.184.216.34",
    "http://[2606:4700::1111]:8080/": "2606:4700::1111",
    "http://localhost:8080/": "localhost",
    "https://a_b.test/": "a_b.test",
    "https://e.test/%E2%82%AC?q=a%20b#top": "e.test",
    "https://e.test/päth": "e.test",
    "https://новости.test/rss": "новости.test",
}


@pytest.mark.parametrize(("url", "host"), ACCEPTED.items(), ids=ACCEPTED.keys())
def test_a_plainly_written_address_is_read(url: str, host: str) -> None:
    assert web_address(url).host == host


@given(st.text(max_size=40))
def test_whatever_is_accepted_names_one_host_and_no_credentials(text: str) -> None:
    try:
        parsed = web_address(f"http://{text}/")
    except ValueError:
        return

    assert parsed.scheme == "http"
    assert not parsed.userinfo
    assert "@" not in text.split("/", maxsplit=1)[0].split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
