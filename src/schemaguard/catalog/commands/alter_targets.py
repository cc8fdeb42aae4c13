"""Which actions of ALTER TABLE there are for which kinds of relations, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import WRONG_OBJECT_TYPE, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation

# The kinds (pg_class.relkind) that an action is for, and what messages call it (`alter_table_type_to_string`).
TARGETS: dict[str, tuple[str, str]] = {
    "AT_AddColumn": ("rpcf", "ADD COLUMN"),
    "AT_DropColumn": ("rpcf", "DROP COLUMN"),
    "AT_AlterColumnType": ("rpcf", "ALTER COLUMN ... SET DATA TYPE"),
    "AT_AlterColumnGenericOptions": ("f", "ALTER COLUMN ... OPTIONS"),
    "AT_ColumnDefault": ("rpvf", "ALTER COLUMN ... SET DEFAULT"),
    "AT_AddIdentity": ("rpvf", "ALTER COLUMN ... ADD IDENTITY"),
    "AT_SetIdentity": ("rpvf", "ALTER COLUMN ... SET"),
    "AT_DropIdentity": ("rpvf", "ALTER COLUMN ... DROP IDENTITY"),
    "AT_SetNotNull": ("rpf", "ALTER COLUMN ... SET NOT NULL"),
    "AT_DropNotNull": ("rpf", "ALTER COLUMN ... DROP NOT NULL"),
    "AT_SetExpression": ("rpf", "ALTER COLUMN ... SET EXPRESSION"),
    "AT_DropExpression": ("rpf", "ALTER COLUMN ... DROP EXPRESSION"),
    "AT_SetStatistics": ("rpmiIf", "ALTER COLUMN ... SET STATISTICS"),
    "AT_SetOptions": ("rpmf", "ALTER COLUMN ... SET"),
    "AT_ResetOptions": ("rpmf", "ALTER COLUMN ... RESET"),
    "AT_SetStorage": ("rpmf", "ALTER COLUMN ... SET STORAGE"),
    "AT_SetCompression": ("rpm", "ALTER COLUMN ... SET COMPRESSION"),
    "AT_AddConstraint": ("rpf", "ADD CONSTRAINT"),
    "AT_AlterConstraint": ("rp", "ALTER CONSTRAINT"),
    "AT_ValidateConstraint": ("rpf", "VALIDATE CONSTRAINT"),
    "AT_DropConstraint": ("rpf", "DROP CONSTRAINT"),
    "AT_ClusterOn": ("rpm", "CLUSTER ON"),
    "AT_DropCluster": ("rpm", "SET WITHOUT CLUSTER"),
    "AT_SetLogged": ("rS", "SET LOGGED"),
    "AT_SetUnLogged": ("rS", "SET UNLOGGED"),
    "AT_SetRelOptions": ("rpvmi", "SET"),
    "AT_ResetRelOptions": ("rpvmi", "RESET"),
    "AT_AddInherit": ("rpf", "INHERIT"),
    "AT_DropInherit": ("rpf", "NO INHERIT"),
    "AT_AddOf": ("rp", "OF"),
    "AT_DropOf": ("rp", "NOT OF"),
    "AT_AttachPartition": ("rpI", "ATTACH PARTITION"),  # the words for a plain table depend on the version
    "AT_DetachPartition": ("p", "DETACH PARTITION"),
    "AT_ReplicaIdentity": ("rpm", "REPLICA IDENTITY"),
    "AT_EnableRowSecurity": ("rp", "ENABLE ROW SECURITY"),
    "AT_DisableRowSecurity": ("rp", "DISABLE ROW SECURITY"),
    "AT_ForceRowSecurity": ("rp", "FORCE ROW SECURITY"),
    "AT_NoForceRowSecurity": ("rp", "NO FORCE ROW SECURITY"),
    "AT_EnableTrig": ("rpf", "ENABLE TRIGGER"),
    "AT_EnableAlwaysTrig": ("rpf", "ENABLE ALWAYS TRIGGER"),
    "AT_EnableReplicaTrig": ("rpf", "ENABLE REPLICA TRIGGER"),
    "AT_DisableTrig": ("rpf", "DISABLE TRIGGER"),
    "AT_EnableTrigAll": ("rpf", "ENABLE TRIGGER ALL"),
    "AT_DisableTrigAll": ("rpf", "DISABLE TRIGGER ALL"),
    "AT_EnableTrigUser": ("rpf", "ENABLE TRIGGER USER"),
    "AT_DisableTrigUser": ("rpf", "DISABLE TRIGGER USER"),
    "AT_EnableRule": ("rp", "ENABLE RULE"),
    "AT_EnableAlwaysRule": ("rp", "ENABLE ALWAYS RULE"),
    "AT_EnableReplicaRule": ("rp", "ENABLE REPLICA RULE"),
    "AT_DisableRule": ("rp", "DISABLE RULE"),
    "AT_GenericOptions": ("f", "OPTIONS"),
}


def refuse_wrong_target(relation: Relation, subtype: str) -> None:
    """Refuse an action that there is not for relations of this kind."""
    kinds, words = TARGETS.get(subtype, (relation.kind, ""))
    if relation.kind not in kinds:
        raise Refused(
            WRONG_OBJECT_TYPE, f'ALTER action {words} cannot be performed on relation "{relation.name}"'
        )
