"""The door for rules: everything that a rule, built in or a plugin, imports from schemaguard."""

from __future__ import annotations

from schemaguard.catalog import model
from schemaguard.catalog.diff import Difference
from schemaguard.catalog.diff_words import in_words as difference_in_words
from schemaguard.catalog.events import (
    Dropped,
    Event,
    ExternalUsed,
    OptionsReset,
    PasswordSet,
    Revoked,
    RowsChanged,
    TypeChanged,
)
from schemaguard.catalog.model import (
    PUBLIC,
    AclItem,
    Column,
    Constraint,
    DefaultAcl,
    Expression,
    Function,
    Index,
    Membership,
    Policy,
    Relation,
    Role,
    Schema,
    Sequence,
    Table,
    Trigger,
    Type,
    TypeRef,
    View,
)
from schemaguard.catalog.names import needs_quotes, quote_identifier as quoted
from schemaguard.catalog.privileges.acl import built_in_acl, effective_acl
from schemaguard.catalog.privileges.membership import is_member_of, reached as reachable_roles
from schemaguard.catalog.privileges.proof import Link, Proof
from schemaguard.catalog.privileges.query import (
    can,
    can_execute,
    can_on,
    can_on_schema,
    can_regrant,
    can_use_sequence,
    effective_privileges,
    has_privilege,
    proofs,
)
from schemaguard.catalog.privileges.views import is_security_invoker, writable_views
from schemaguard.catalog.replay import History, Note, Step
from schemaguard.catalog.roundtrip import RoundTrip
from schemaguard.catalog.seeds import SeededRows, seeded_rows
from schemaguard.catalog.specs.results import Drift, Orphan
from schemaguard.catalog.state import Catalog
from schemaguard.config.decode import nearest
from schemaguard.config.patterns import matches_column, matches_name, matches_table
from schemaguard.config.policy import Taxonomy
from schemaguard.contracts.judging.completeness import incomplete_views, unmapped_fields, unmapped_tables
from schemaguard.contracts.judging.correlation import correlation_gaps
from schemaguard.contracts.judging.enums import enum_misfits
from schemaguard.contracts.judging.kinds import type_misfits
from schemaguard.contracts.judging.limits import limit_misfits
from schemaguard.contracts.judging.names import stale_references, unknown_names
from schemaguard.contracts.judging.nullability import nullable_columns, optional_request_fields
from schemaguard.contracts.judging.outdated import outdated_statements
from schemaguard.contracts.judging.resources import append_only_mutations
from schemaguard.contracts.judging.taxonomy import undocumented_codes
from schemaguard.contracts.vendors import VendorCode, VendorFault, VendorMapping, vendor_mappings
from schemaguard.findings import Evidence, Finding, Severity
from schemaguard.lineage.records import (
    OutputLineage,
    RelationLineage,
    Source as LineageSource,
    Step as LineageStep,
)
from schemaguard.linting.base import Base
from schemaguard.linting.objects import Named, fingerprint, statement_of
from schemaguard.linting.project import Project
from schemaguard.linting.proofs import can_without_owning, chain, reason, revocation
from schemaguard.linting.questions.append_only import AppendOnlyTable
from schemaguard.linting.questions.float_casts import FloatCast, float_casts
from schemaguard.linting.questions.literals import code_literals
from schemaguard.linting.questions.matrix import MatrixRow
from schemaguard.linting.questions.patterns import Unmatched, unmatched_patterns
from schemaguard.linting.questions.secrets import secrets_in
from schemaguard.linting.questions.tenancy import Tenants
from schemaguard.linting.questions.views import Escape
from schemaguard.linting.rule import NoOptions, Rule, RuleOptions
from schemaguard.plpgsql.accesses import Access, ColumnLiteral, Uses, reads_and_writes
from schemaguard.plpgsql.triggers import End as TriggerEnd, Paths as TriggerPaths, analyse as trigger_paths
from schemaguard.sources.migration import Migration
from schemaguard.statements.features import newer_features
from schemaguard.statements.statement import Origin, Statement, named_relations
from schemaguard.text import Location, SourceFile, Span

__all__ = [
    "PUBLIC",
    "Access",
    "AclItem",
    "AppendOnlyTable",
    "Base",
    "Catalog",
    "Column",
    "ColumnLiteral",
    "Constraint",
    "DefaultAcl",
    "Difference",
    "Drift",
    "Dropped",
    "Escape",
    "Event",
    "Evidence",
    "Expression",
    "ExternalUsed",
    "Finding",
    "FloatCast",
    "Function",
    "History",
    "Index",
    "LineageSource",
    "LineageStep",
    "Link",
    "Location",
    "MatrixRow",
    "Membership",
    "Migration",
    "Named",
    "NoOptions",
    "Note",
    "OptionsReset",
    "Origin",
    "Orphan",
    "OutputLineage",
    "PasswordSet",
    "Policy",
    "Project",
    "Proof",
    "Relation",
    "RelationLineage",
    "Revoked",
    "Role",
    "RoundTrip",
    "RowsChanged",
    "Rule",
    "RuleOptions",
    "Schema",
    "SeededRows",
    "Sequence",
    "Severity",
    "SourceFile",
    "Span",
    "Statement",
    "Step",
    "Table",
    "Taxonomy",
    "Tenants",
    "Trigger",
    "TriggerEnd",
    "TriggerPaths",
    "Type",
    "TypeChanged",
    "TypeRef",
    "Unmatched",
    "Uses",
    "VendorCode",
    "VendorFault",
    "VendorMapping",
    "View",
    "append_only_mutations",
    "built_in_acl",
    "can",
    "can_execute",
    "can_on",
    "can_on_schema",
    "can_regrant",
    "can_use_sequence",
    "can_without_owning",
    "chain",
    "code_literals",
    "correlation_gaps",
    "difference_in_words",
    "effective_acl",
    "effective_privileges",
    "enum_misfits",
    "fingerprint",
    "float_casts",
    "has_privilege",
    "incomplete_views",
    "is_member_of",
    "is_security_invoker",
    "limit_misfits",
    "matches_column",
    "matches_name",
    "matches_table",
    "model",
    "named_relations",
    "nearest",
    "needs_quotes",
    "newer_features",
    "nullable_columns",
    "optional_request_fields",
    "outdated_statements",
    "proofs",
    "quoted",
    "reachable_roles",
    "reads_and_writes",
    "reason",
    "revocation",
    "secrets_in",
    "seeded_rows",
    "stale_references",
    "statement_of",
    "trigger_paths",
    "type_misfits",
    "undocumented_codes",
    "unknown_names",
    "unmapped_fields",
    "unmapped_tables",
    "unmatched_patterns",
    "vendor_mappings",
    "writable_views",
]
