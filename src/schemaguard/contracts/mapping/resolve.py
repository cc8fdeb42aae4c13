"""What a mapping's references lead to in the contract, and why some lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.decode import nearest
from schemaguard.contracts.documents import is_outside
from schemaguard.contracts.nodes import Entries
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from schemaguard.contracts.mapping.references import Reference
    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.openapi.contract import Contract
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.shapes import Shape
    from schemaguard.contracts.reading import Document
    from schemaguard.text import Span


class Stale(NamedTuple):
    """A reference that does not lead to what it names: why, and what there is instead, with its place.

    `field`: the one that is most probably meant. `unread`: its document can't be read, which is a finding of its own.
    """

    reference: Reference
    why: str
    instead: tuple[Span, str] | None = None
    line: int = 0
    field: Field | None = None
    unread: bool = False

    @property
    def words(self) -> str:
        """Why, with the line that the thing is at now."""
        return f"{self.why}, which is at line {self.line} now" if self.line else self.why


class Resolver:
    """Follows the references of one mapping file."""

    def __init__(self, contract: Contract, mapping_path: str) -> None:
        """Paths are relative to the project, else to the mapping's folder."""
        self.contract = contract
        self.folder = parent(mapping_path)

    def field(self, reference: Reference) -> Field | Stale:
        """The field that a reference names."""
        document = self._document(reference)
        if isinstance(document, Stale):
            return document
        if reference.pointer is not None:
            return self._at_pointer(document, reference, reference.pointer)
        if not reference.name:
            return Stale(reference, "names lines, but no field in them")
        known = self.contract.index(document).by_name.get(reference.name, [])
        here = [field for field in known if reference.first <= field.place.line <= reference.last]
        if not here:
            return self._elsewhere(document, reference, known)
        fitting = [field for field in here if not _disagreement(reference, self.contract.shape(field))]
        if fitting:
            return fitting[0]
        shape = self.contract.shape(here[0])
        return Stale(
            reference,
            _disagreement(reference, shape),
            (here[0].place, f"`{reference.name}` is {shape.words} here"),
            field=here[0],
        )

    def schema(self, reference: Reference) -> tuple[Node, str] | Stale:
        """The schema that a `contract_reference` names, and its pointer."""
        document = self._document(reference)
        if isinstance(document, Stale):
            return document
        if reference.pointer is not None:
            found = self.contract.documents.at(document, reference.pointer)
            return (found, reference.pointer) if found is not None else Stale(reference, "leads nowhere")
        if not reference.name:
            return Stale(reference, "names lines, but no schema in them")
        schemas = self.contract.index(document).schemas
        known = [schema for schema in schemas if schema.name == reference.name]
        for schema in known:
            if reference.first <= schema.place.line <= reference.last:
                return schema.node, schema.pointer
        if known:
            place = known[0].place
            why = f"does not hold the schema `{reference.name}`"
            return Stale(reference, why, (place, f"`{reference.name}` is here"), place.line)
        hint = _hint(reference.name, [schema.name for schema in schemas])
        return Stale(reference, f"has no schema `{reference.name}`{hint}")

    def _document(self, reference: Reference) -> Document | Stale:
        documents = self.contract.documents
        path = reference.path
        if not is_outside(path) and documents.files.get(path) is None:
            beside = join(self.folder, path)
            path = beside if documents.files.get(beside) is not None else path
        found = documents.get(path)
        if found is not None:
            return found
        return Stale(reference, documents.why(path), unread=documents.fault(path) is not None)

    def _at_pointer(self, document: Document, reference: Reference, pointer: str) -> Field | Stale:
        index = self.contract.index(document)
        if pointer in index.by_pointer:
            return index.by_pointer[pointer]
        head = pointer.rpartition("/")[0]
        holder, _, keyword = head.rpartition("/")
        owner = self.contract.documents.at(document, holder)
        owner = None if owner is None else self.contract.documents.follow(owner)
        if not isinstance(owner, Entries) or keyword != "properties":
            found = self.contract.documents.at(document, pointer)
            return Stale(reference, "leads nowhere" if found is None else "leads to what is no field")
        fields = self.contract.fields_of(owner)
        name = _last(pointer)
        if name in fields:
            return fields[name]
        return Stale(reference, f"leads to no field{_hint(name, fields)}")

    def _elsewhere(self, document: Document, reference: Reference, known: list[Field]) -> Stale:
        if not known:
            names = self.contract.index(document).by_name
            return Stale(reference, f"has no field `{reference.name}`{_hint(reference.name, names)}")
        closest = min(known, key=lambda field: abs(field.place.line - reference.first))
        return Stale(
            reference,
            f"does not hold `{reference.name}`",
            (closest.place, f"`{reference.name}` is here"),
            closest.place.line,
            closest,
        )


def _last(pointer: str) -> str:
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _hint(name: str, names: object) -> str:
    hint = nearest(name, names)  # type: ignore[arg-type] # dicts and lists of names
    return f"; {hint}" if hint else ""


def _disagreement(reference: Reference, shape: Shape) -> str:
    """What the prose says of the field and the contract does not; "" where they agree."""
    said = f"{reference.type} {reference.format}".strip()
    if reference.type and shape.known and shape.types and reference.type not in shape.types:
        return f"holds `{reference.name}` as {shape.words}, not as {said}"
    form = reference.format
    if form and form != shape.format and not (form == "enum" and shape.enum is not None):
        return f"holds `{reference.name}` as {shape.words}, not as {said}"
    return ""
