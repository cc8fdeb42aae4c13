"""The vendor mapping: what vendors call a thing, and the code of ours that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.decode import nearest
from schemaguard.contracts.nodes import Entries, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.config.policy import Taxonomy
    from schemaguard.linting.project import Project
    from schemaguard.text import SourceFile, Span

FORM = 'the form is `sources: {VENDOR: {"INDICATOR": code}}`'
_BOOLEANS = frozenset(("yes", "no", "on", "off", "true", "false", "y", "n"))
"""Plain words that readers of YAML 1.1 take for truth values."""


class VendorCode(NamedTuple):
    """One indicator of a vendor, and the code that it is mapped to."""

    vendor: str
    indicator: str
    code: str
    at: Span


class VendorFault(NamedTuple):
    """Where a mapping file is not of its form, what is wrong there, and a word to tell faults of one file apart."""

    at: Span | None
    message: str
    detail: str


class VendorMapping(NamedTuple):
    """A mapping file that the config names, read. `at`: the beginning of what it maps; None where it maps nothing."""

    taxonomy: Taxonomy
    path: str
    codes: tuple[VendorCode, ...]
    faults: tuple[VendorFault, ...]
    at: Span | None


def vendor_mappings(project: Project) -> list[VendorMapping]:
    """The mapping file of each taxonomy that has one."""
    return [
        _read(project, taxonomy, taxonomy.vendor_mapping, number)
        for number, taxonomy in enumerate(project.policy.taxonomies)
        if taxonomy.vendor_mapping is not None
    ]


def _read(project: Project, taxonomy: Taxonomy, path: str, number: int) -> VendorMapping:
    from schemaguard.contracts.reading import UnreadDocument, read_document

    file = project.files.get(path)
    if file is None:
        place = project.policy.where("taxonomies", number, "vendor_mapping")
        fault = VendorFault(
            place, f"there is no vendor mapping to read: {project.files.why_unread(path)}", "unread"
        )
        return VendorMapping(taxonomy, path, (), (fault,), None)
    try:
        document = read_document(file)
    except UnreadDocument as unread:
        fault = VendorFault(unread.fault.place, f"the vendor mapping {unread.fault.message}", "unread")
        return VendorMapping(taxonomy, path, (), (fault,), None)
    found = list(_entries(file, document.root))
    faults = [VendorFault(fault.place, fault.message, fault.message) for fault in document.faults]
    faults += [each for each in found if isinstance(each, VendorFault)]
    codes = tuple(each for each in found if isinstance(each, VendorCode))
    faults.sort(key=lambda fault: fault.at.start if fault.at is not None else 0)
    at = document.root.place("sources") if isinstance(document.root, Entries) and codes else None
    return VendorMapping(taxonomy, path, codes, tuple(faults), at)


def _entries(file: SourceFile, root: Node) -> Iterator[VendorCode | VendorFault]:
    """The codes of a file, and what is not of its form."""
    if not isinstance(root, Entries):
        yield VendorFault(root.span, f"the vendor mapping holds {_kind(root)}: {FORM}", "form")
        return
    if "sources" not in root.entries:
        key = next((key for key in root.entries if nearest(key, ["sources"])), "")
        at = root.place(key) if key else file.span(0, 0)
        words = f"`{key}` in place of `sources`" if key else f"no `sources`: {FORM}"
        yield VendorFault(at, f"the vendor mapping has {words}", "sources")
        return
    sources = root.entries["sources"]
    if not isinstance(sources, Entries) or not sources.entries:
        yield VendorFault(root.place("sources"), f"`sources` holds {_kind(sources)}: {FORM}", "sources")
        return
    for vendor, node in sources.entries.items():
        if isinstance(node, Entries) and node.entries:
            yield from _of_vendor(vendor, node)
        else:
            yield VendorFault(
                sources.place(vendor), f"the vendor `{vendor}` holds {_kind(node)}: {FORM}", vendor
            )


def _of_vendor(vendor: str, indicators: Entries) -> Iterator[VendorCode | VendorFault]:
    for indicator, node in indicators.entries.items():
        detail = f"{vendor}.{indicator}"
        at = indicators.place(indicator)
        if at.text.lower() in _BOOLEANS:
            words = f"the indicator `{at.text}` of `{vendor}` is a truth value to readers of YAML 1.1: put it in quotes"
            yield VendorFault(at, words, detail)
        elif not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value.strip():
            yield VendorFault(
                at, f"`{indicator}` of `{vendor}` is mapped to {_kind(node)}, not to a code", detail
            )
        elif node.span.text.lower() in _BOOLEANS:
            words = f"the code `{node.span.text}` is a truth value to readers of YAML 1.1: put it in quotes"
            yield VendorFault(node.span, words, detail)
        else:
            yield VendorCode(vendor, indicator, node.value, node.span)


def _kind(node: Node) -> str:
    """What stands there, in words."""
    if isinstance(node, Entries):
        return "a mapping" if node.entries else "nothing"
    if not isinstance(node, Scalar):
        return "a list"
    if node.value is None or node.value == "":
        return "nothing"
    if isinstance(node.value, str) and not node.value.strip():
        return "blanks"
    kinds = {bool: "a truth value", int: "a number", float: "a number"}
    return kinds.get(type(node.value), "text")
