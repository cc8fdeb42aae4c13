"""The questions that introspection asks a server's catalog: one SELECT a kind of object, joined into one round trip.

Each returns JSON rows; roles and relations come as oids and are named afterwards, from the rows of their own queries.
Built-in rows, whose oids are below `FIRST_USER_OID`, are kept out by index: there are thousands.
"""

from __future__ import annotations

from schemaguard.catalog.model import FIRST_USER_OID

RELATION_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

IN_USER_SCHEMA = (
    "IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')"
)


def _own(catalog: str, oid: str) -> str:
    """The condition that an object belongs to no extension."""
    return (
        f"NOT EXISTS (SELECT FROM pg_depend WHERE classid = '{catalog}'::regclass AND objid = {oid}"
        " AND deptype = 'e')"
    )


_OWN_RELATION = _own("pg_class", "c.oid")
_OWN_SCHEMA = _own("pg_namespace", "n.oid")
_OWN_ROUTINE = _own("pg_proc", "p.oid")
_OWN_TYPE = _own("pg_type", "t.oid")
_OWN_EVENT_TRIGGER = _own("pg_event_trigger", "e.oid")


def _acl(acl: str, objtype: str, owner: str) -> str:
    """An access control list as JSON arrays of grantee, privilege, grantable, grantor; the default one if NULL."""
    return (
        "(SELECT json_agg(json_build_array(a.grantee, a.privilege_type, a.is_grantable, a.grantor))"
        f" FROM aclexplode(coalesce({acl}, acldefault({objtype}, {owner}))) a)"
    )


_RELATION_ACL = _acl("c.relacl", """(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char\"""", "c.relowner")
_SCHEMA_ACL = _acl("n.nspacl", "'n'", "n.nspowner")
_ROUTINE_ACL = _acl("p.proacl", "'f'", "p.proowner")

_RELATIONS = f"""
    SELECT c.oid, c.relnamespace AS schema, c.relname AS name, c.relkind AS kind, c.relowner AS owner,
        obj_description(c.oid, 'pg_class') AS comment, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
        c.relispopulated AS populated, c.reloptions AS options,
        (SELECT json_agg(inhparent ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid) AS parents,
        CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
        CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
        CASE c.relkind WHEN 'S' THEN
            (SELECT json_build_array(refobjid, refobjsubid) FROM pg_depend
             WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass
               AND deptype IN ('a', 'i') AND refobjsubid > 0)
        END AS owned_by,
        CASE WHEN c.relkind IN ('v', 'm') THEN
            (SELECT json_agg(DISTINCT d.refobjid) FROM pg_rewrite r JOIN pg_depend d
               ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
             WHERE r.ev_class = c.oid AND r.rulename = '_RETURN' AND d.refobjid <> c.oid)
        END AS depends_on,
        {_RELATION_ACL} AS acl
    FROM pg_class c
    WHERE c.oid >= {FIRST_USER_OID} AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relnamespace {IN_USER_SCHEMA}
      AND {_OWN_RELATION}"""

_COLUMNS = f"""
    SELECT a.attrelid AS relation, a.attnum AS number, a.attname AS name,
        format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null, a.attgenerated AS generated,
        a.attidentity AS identity, a.attinhcount > 0 AS inherited,
        CASE WHEN a.atthasdef THEN (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
            WHERE adrelid = a.attrelid AND adnum = a.attnum) END AS expression,
        col_description(a.attrelid, a.attnum) AS comment,
        (SELECT json_agg(json_build_array(x.grantee, x.privilege_type, x.is_grantable, x.grantor))
         FROM aclexplode(a.attacl) x) AS acl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attrelid >= {FIRST_USER_OID} AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND c.relnamespace {IN_USER_SCHEMA}
    ORDER BY a.attrelid, a.attnum"""


def _column_names(numbers: str, relation: str) -> str:
    return (
        "(SELECT json_agg(a.attname ORDER BY k.place)"
        f" FROM unnest({numbers}) WITH ORDINALITY k (number, place)"
        f" JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number)"
    )


def _constraints(version: int) -> str:
    # CHECK lists its columns in the order in which its expression happens to name them: by number is as good.
    numbers = (
        "CASE contype WHEN 'c' THEN (SELECT array_agg(n ORDER BY n) FROM unnest(conkey) n) ELSE conkey END"
    )
    columns = _column_names(numbers, "c.conrelid")
    # A foreign key to a partitioned table has rows beneath it on the same table, one for each partition: internals.
    return f"""
    SELECT c.conrelid AS relation, c.contypid AS domain, c.conname AS name, c.contype AS type,
        c.convalidated AS validated, {"c.conenforced" if version >= 18 else "true"} AS enforced,
        c.condeferrable AS deferrable, c.confrelid AS ref_table,
        {columns} AS columns,
        {_column_names("c.confkey", "c.confrelid")} AS ref_columns,
        c.confdeltype AS on_delete, c.confupdtype AS on_update,
        CASE c.contype
            WHEN 'c' THEN pg_get_expr(c.conbin, c.conrelid)
            WHEN 'x' THEN (
                SELECT string_agg(pg_get_indexdef(c.conindid, o.place::int, false) || ' WITH ' || p.oprname,
                                  ', ' ORDER BY o.place)
                FROM unnest(c.conexclop) WITH ORDINALITY o (operator, place) JOIN pg_operator p ON p.oid = o.operator)
        END AS expression
    FROM pg_constraint c
    WHERE c.oid >= {FIRST_USER_OID} AND c.contype IN ('p', 'u', 'f', 'c', 'x')
      AND c.connamespace {IN_USER_SCHEMA}
      AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)"""


_INDEXES = f"""
    SELECT i.indrelid AS relation, c.relname AS name, i.indisunique AS unique, i.indisprimary AS primary,
        m.amname AS method, pg_get_expr(i.indpred, i.indrelid) AS predicate,
        pg_get_expr(i.indexprs, i.indrelid) AS expressions, i.indnkeyatts AS keys,
        (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0) AS columns,
        EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
            AS from_constraint
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    WHERE i.indexrelid >= {FIRST_USER_OID} AND c.relnamespace {IN_USER_SCHEMA}"""

_POLICIES = """
    SELECT polrelid AS relation, polname AS name, polpermissive AS permissive, polcmd AS cmd, polroles AS roles,
        pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS check,
        obj_description(oid, 'pg_policy') AS comment
    FROM pg_policy"""

# Before PostgreSQL 15 the clones of a partitioned table's triggers count as internal.
_TRIGGERS = f"""
    SELECT t.tgrelid AS relation, t.tgname AS name, t.tgtype AS type, t.tgenabled AS enabled,
        n.nspname || '.' || p.proname || '()' AS function, pg_get_triggerdef(t.oid) AS definition,
        {_column_names("t.tgattr", "t.tgrelid")} AS columns, obj_description(t.oid, 'pg_trigger') AS comment
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0)"""

_RULES = f"""
    SELECT ev_class AS relation, rulename AS name, ev_type AS event, is_instead AS instead, ev_enabled AS enabled
    FROM pg_rewrite WHERE oid >= {FIRST_USER_OID} AND rulename <> '_RETURN'"""

_SCHEMAS = f"""
    SELECT n.oid, n.nspname AS name, n.nspowner AS owner, obj_description(n.oid, 'pg_namespace') AS comment,
        n.oid {IN_USER_SCHEMA} AND {_OWN_SCHEMA} AS own,
        {_SCHEMA_ACL} AS acl
    FROM pg_namespace n"""

_FUNCTIONS = f"""
    SELECT p.pronamespace AS schema, p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
        p.prokind AS kind, l.lanname AS language, pg_get_function_result(p.oid) AS returns,
        p.prosecdef AS security_definer, p.proconfig AS config, p.provolatile AS volatility,
        p.proisstrict AS strict, p.proleakproof AS leakproof, p.proowner AS owner,
        obj_description(p.oid, 'pg_proc') AS comment, {_ROUTINE_ACL} AS acl
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid >= {FIRST_USER_OID} AND p.pronamespace {IN_USER_SCHEMA} AND {_OWN_ROUTINE}
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid
                      AND deptype = 'i' AND refclassid = 'pg_type'::regclass)"""

_TYPES = f"""
    SELECT t.oid, t.typnamespace AS schema, t.typname AS name, t.typtype AS kind, t.typowner AS owner,
        (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) AS labels,
        CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
            WHEN 'r' THEN (SELECT format_type(rngsubtype, NULL) FROM pg_range WHERE rngtypid = t.oid) END AS base,
        t.typnotnull AS not_null, pg_get_expr(t.typdefaultbin, 0) AS default, t.typrelid AS relation,
        obj_description(t.oid, 'pg_type') AS comment
    FROM pg_type t
    WHERE t.oid >= {FIRST_USER_OID} AND t.typtype IN ('e', 'd', 'c', 'r')
      AND t.typnamespace {IN_USER_SCHEMA} AND {_OWN_TYPE}
      AND (t.typtype <> 'c' OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')"""

_ROLES = """
    SELECT oid, rolname AS name, rolsuper AS superuser, rolinherit AS inherit, rolcreaterole AS createrole,
        rolcreatedb AS createdb, rolcanlogin AS login, rolreplication AS replication, rolbypassrls AS bypassrls
    FROM pg_roles"""


def _memberships(version: int) -> str:
    options = "inherit_option, set_option" if version >= 16 else "NULL, NULL"
    return f"SELECT json_build_array(roleid, member, grantor, admin_option, {options}) AS row FROM pg_auth_members"


_DEFAULT_PRIVILEGES = """
    SELECT d.defaclrole AS role, n.nspname AS schema, d.defaclobjtype AS objtype,
        a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a"""

_EXTENSIONS = """
    SELECT e.extname AS name, n.nspname AS schema
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"""


def _publications(version: int) -> str:
    schemas = "(SELECT json_agg(pnnspid) FROM pg_publication_namespace WHERE pnpubid = p.oid)"
    return f"""
    SELECT p.pubname AS name, p.puballtables AS all_tables,
        (SELECT json_agg(prrelid) FROM pg_publication_rel WHERE prpubid = p.oid) AS tables,
        {schemas if version >= 15 else "NULL"} AS schemas
    FROM pg_publication p"""


_EVENT_TRIGGERS = f"""
    SELECT e.evtname AS name, e.evtevent AS event, e.evtenabled AS enabled,
        n.nspname || '.' || p.proname || '()' AS function
    FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {_OWN_EVENT_TRIGGER}"""


def _effective(version: int) -> str:
    privileges = (*RELATION_PRIVILEGES, "MAINTAIN") if version >= 17 else RELATION_PRIVILEGES
    listed = ", ".join(f"('{name}')" for name in privileges)
    return f"""
    SELECT json_build_array(c.oid, r.rolname, json_agg(p.privilege ORDER BY p.privilege)) AS row
    FROM pg_class c, pg_roles r, (VALUES {listed}) p (privilege)
    WHERE c.oid >= {FIRST_USER_OID} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relnamespace {IN_USER_SCHEMA}
      AND r.rolname !~ '^pg_' AND NOT r.rolsuper AND has_table_privilege(r.oid, c.oid, p.privilege)
    GROUP BY c.oid, r.rolname"""


def queries(version: int) -> dict[str, str]:
    """The query of each part, for a server of major `version`."""
    return {
        "relations": _RELATIONS,
        "columns": _COLUMNS,
        "constraints": _constraints(version),
        "indexes": _INDEXES,
        "policies": _POLICIES,
        "triggers": _TRIGGERS,
        "rules": _RULES,
        "schemas": _SCHEMAS,
        "functions": _FUNCTIONS,
        "types": _TYPES,
        "roles": _ROLES,
        "memberships": _memberships(version),
        "default_privileges": _DEFAULT_PRIVILEGES,
        "extensions": _EXTENSIONS,
        "publications": _publications(version),
        "event_triggers": _EVENT_TRIGGERS,
        "effective": _effective(version),
    }


def combined(version: int) -> str:
    """All of them as one statement, whose one value is a JSON object with an array for each part, as text."""
    parts = (
        f"'{name}', (SELECT coalesce(json_agg(q), '[]') FROM ({query}) q)"
        for name, query in queries(version).items()
    )
    return f"SELECT json_build_object({', '.join(parts)})::text"
