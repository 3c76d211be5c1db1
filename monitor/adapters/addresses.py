"""Which addresses on the network a feed may be fetched from, and which web addresses are written without tricks."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ranges that `is_global` of some Python versions lets pass, or that lead to other networks.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # shared by carriers
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/96",  # IPv4-compatible, unspecified, loopback
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)
_AUTHORITY = re.compile(r"(https?)://([^/?#]*)([^\s\\]*)", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_LONGEST_URL = 4_000
_LONGEST_HOST = 253


def is_public(address: Address | str) -> bool:
    """Say whether an IP address belongs to a host on the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if getattr(ip, "scope_id", None):
        return False
    named = any(ip.version == network.version and ip in network for network in _NEVER)
    return ip.is_global and not named and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_unspecified)


def web_address(url: str) -> httpx.URL:
    """Return `url` parsed, by the one parser that also connects.

    Raises ValueError, naming what is wrong, unless it is http(s) without credentials and its host is written in the one
    canonical way: other spellings mean different hosts to different readers.
    """
    if len(url) > _LONGEST_URL or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):  # noqa: PLR2004  # controls and space
        raise ValueError("the address is too long or holds white space or control characters")
    found = _AUTHORITY.fullmatch(url)
    if not found:
        raise ValueError("the address is not written as http://host/path or https://host/path")
    host, port = _host_and_port(found[2])
    parsed = _parsed(url)
    if parsed.host != host or parsed.userinfo or ((parsed.port or port) != port and port):
        raise ValueError("the address means different hosts to different readers")
    return parsed


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"the address cannot be read: {error}") from error


def _host_and_port(authority: str) -> tuple[str, int]:
    """Return host as the parser gives it, and port (0 where none is written)."""
    if "@" in authority:
        raise ValueError("the address holds credentials; feeds with a password are not supported")
    host, colon, port = authority.rpartition(":") if re.search(r":\d*$", authority) else (authority, "", "")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 0xFFFF):  # noqa: PLR2004  # highest port
        raise ValueError(f"there is no port {port[:10]!r}")
    return _canonical_host(host), int(port or 0)


def _canonical_host(host: str) -> str:
    if host.startswith("["):
        return _literal(host)
    if unicodedata.normalize("NFKC", host) != host:
        raise ValueError(f"the host {host!r} is written with look-alike characters")
    name = host.lower()
    try:
        ascii_name = name if name.isascii() else httpx.URL(f"http://{name}/").raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"{host!r} is no host name") from error
    labels = ascii_name.split(".")
    if len(ascii_name) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{host!r} is no host name")
    if _NUMBER.fullmatch(labels[-1]) and not _is_dotted_quad(ascii_name):
        raise ValueError(
            f"{host!r} is a number that some readers take for an address; write it as four decimal numbers"
        )
    return name


def _literal(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        address = None
    if address is None or address.scope_id or not host.endswith("]"):
        raise ValueError(f"{host!r} is no IPv6 address")
    return host[1:-1].lower()


def _is_dotted_quad(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False
