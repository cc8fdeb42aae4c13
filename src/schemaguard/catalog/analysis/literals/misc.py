"""Input of the remaining base types whose values can be told from the text."""

from __future__ import annotations

import ipaddress
import re

from schemaguard.catalog.analysis.literals.numbers import invalid, read_float
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.names import NAME_BYTES, truncate

_SPACE = " \t\n\r\v\f"
_TRUE, _FALSE = ("true", "yes"), ("false", "no")
_HEX = re.compile(r"[0-9a-fA-F]*\Z")
_OCTAL = re.compile(r"[0-3][0-7]{2}")
_MAC = re.compile(r"[0-9a-f]{12}\Z")


def read_bool(text: str) -> str:
    """A truth value, as `t` or `f`.

    Raises:
        Refused: it is none.
    """
    word = text.strip(_SPACE).lower()
    if word in ("on", "1") or (word and any(full.startswith(word) for full in _TRUE)):
        return "t"
    if word in ("off", "of", "0") or (word and any(full.startswith(word) for full in _FALSE)):
        return "f"
    raise invalid("boolean", text)


def read_name(text: str) -> str:
    """A name: 63 bytes of it."""
    return truncate(text, NAME_BYTES)


def read_uuid(text: str) -> str:
    """A uuid, in lower case, hyphens where they belong.

    Raises:
        Refused: it is none.
    """
    inner = text[1:-1] if text[:1] == "{" and text[-1:] == "}" else text
    if not re.fullmatch(r"(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}", inner):
        raise invalid("uuid", text)
    digits = inner.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def read_bytea(text: str) -> str:
    """Bytes, in hexadecimal.

    Raises:
        Refused: it is malformed.
    """
    if text.startswith("\\x"):
        digits = "".join(text[2:].split())
        if wrong := next((digit for digit in digits if not _HEX.match(digit)), ""):
            raise Refused("22023", f'invalid hexadecimal digit: "{wrong}"')
        if len(digits) % 2:
            raise Refused("22023", "invalid hexadecimal data: odd number of digits")
        return "\\x" + digits.lower()
    found = bytearray()
    at = 0
    while at < len(text):
        if text[at] != "\\":
            found += text[at].encode()
            at += 1
        elif text[at + 1 : at + 2] == "\\":
            found += b"\\"
            at += 2
        elif _OCTAL.match(text, at + 1):
            found.append(int(text[at + 1 : at + 4], 8))
            at += 4
        else:
            raise Refused("22P02", "invalid input syntax for type bytea")
    return "\\x" + found.hex()


def read_inet(text: str) -> str:
    """An inet: the host and, unless it is the whole address, the netmask's bits.

    Raises:
        Refused: it is none.
    """
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        raise invalid("inet", text) from None
    return str(found.ip) if found.network.prefixlen == found.max_prefixlen else str(found)


def read_cidr(text: str) -> str:
    """A cidr: the network and its bits.

    Raises:
        Refused: it is none, or has bits to the right of the mask.
    """
    address, slash, bits = text.partition("/")
    if "." in address or ":" not in address:
        octets = address.split(".")
        bits = bits if slash else str(len(octets) * 8)
        address = ".".join(octets + ["0"] * (4 - len(octets)))
    try:
        return str(ipaddress.ip_network(f"{address}/{bits}" if bits else address))
    except ValueError as error:
        if "host bits" in str(error):
            raise Refused("22P02", f'invalid cidr value: "{text}"') from None
        raise invalid("cidr", text) from None


def read_macaddr(text: str) -> str:
    """A MAC address, in pairs.

    Raises:
        Refused: it is none.
    """
    digits = re.sub(r"[:.\-]", "", text.strip(_SPACE).lower())
    if not _MAC.match(digits):
        raise invalid("macaddr", text)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def read_point(text: str) -> str:
    """A point: two numbers, in parentheses or not.

    Raises:
        Refused: it is none.
    """
    stripped = text.strip(_SPACE)
    inner = stripped[1:-1] if stripped[:1] == "(" and stripped[-1:] == ")" else stripped
    parts = inner.split(",")
    if len(parts) != 2:
        raise invalid("point", text)
    try:
        shown = [read_float(part, "double precision", single=False) for part in parts]
    except Refused:
        raise invalid("point", text) from None
    return f"({shown[0]},{shown[1]})"


def read_bits(text: str) -> str:
    """A bit string, in binary.

    Raises:
        Refused: it has other digits.
    """
    if text[:1] in "xX" and text:
        if not _HEX.match(text[1:]):
            raise Refused("22P02", f'"{text[1:]}" is not a valid hexadecimal digit')
        return "".join(f"{int(digit, 16):04b}" for digit in text[1:])
    digits = text[1:] if text[:1] in ("b", "B") else text
    for digit in digits:
        if digit not in "01":
            raise Refused("22P02", f'"{digit}" is not a valid binary digit')
    return digits
