"""What well-known extensions bring.

The contents of contributed extensions were read from a server. Of others only the names of their types are
known; what else they hold is not, and neither is anything of an extension that is not listed at all.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from schemaguard.catalog.builtin.load import extension_names, load

TYPE_NAMES = {
    "postgis": (
        "geometry",
        "geography",
        "box2d",
        "box3d",
        "box2df",
        "gidx",
        "spheroid",
        "geometry_dump",
        "valid_detail",
    ),
    "postgis_raster": (
        "raster",
        "rastbandarg",
        "geomval",
        "addbandarg",
        "summarystats",
        "unionarg",
        "reclassarg",
    ),
    "postgis_topology": ("topogeometry", "topoelement", "topoelementarray"),
    "address_standardizer": ("stdaddr",),
    "age": ("agtype", "graphid", "edge", "vertex"),
    "h3": ("h3index",),
    "hll": ("hll", "hll_hashval"),
    "http": ("http_header", "http_request", "http_response", "http_method"),
    "ip4r": ("ip4", "ip4r", "ip6", "ip6r", "ipaddress", "iprange"),
    "pgmq": ("message_record", "queue_record", "metrics_result"),
    "pgx_ulid": ("ulid",),
    "prefix": ("prefix_range",),
    "roaringbitmap": ("roaringbitmap",),
    "semver": ("semver", "semverrange"),
    "ulid": ("ulid",),
}
"""Types of extensions of which nothing else is known here: it settles which of several brings a type."""


class ExtensionType(NamedTuple):
    """A type of an extension; `element` is a type number or the name of another of its types."""

    name: str
    kind: str
    category: str
    preferred: bool
    element: int | str
    has_typmod: bool
    collatable: bool


class Members(NamedTuple):
    """The contents of one extension, raw: rows as `tools/builtin_catalog.py` describes them."""

    types: dict[str, ExtensionType]
    functions: dict[str, list[list[Any]]]
    operators: dict[str, list[list[Any]]]
    casts: list[list[Any]]
    operator_classes: list[list[Any]]
    relations: dict[str, list[Any]]


@cache
def known_extensions() -> frozenset[str]:
    """The extensions whose whole contents are known."""
    return extension_names() | {"plpgsql"}


@cache
def members(name: str) -> Members | None:
    """The contents of an extension, None where they are not known."""
    if name == "plpgsql":
        return Members({}, {}, {}, [], [], {})
    if name not in known_extensions():
        return None
    data = load(f"extensions/{name}")
    types = {row[0]: ExtensionType(*row) for row in data.get("types", ())}
    return Members(
        types,
        data.get("functions", {}),
        data.get("operators", {}),
        data.get("casts", []),
        data.get("operator_classes", []),
        data.get("relations", {}),
    )
