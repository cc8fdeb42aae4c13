"""Supabase: its roles, the schemas of its services, and the privileges it gives away by default.

Source: Supabase's documentation of Postgres roles, Auth, Storage, Realtime, extensions, and of securing the API.
The services' schemas hold more than is listed: what is not, is taken on trust.
"""

from __future__ import annotations

from schemaguard.config.policy import External, ExternalRole, ExternalTable
from schemaguard.linting.platforms import Platform

_API = "anon, authenticated, service_role"
_TIME = "timestamptz"

_ROLES = {
    "anon": ExternalRole(inherit=False),
    "authenticated": ExternalRole(inherit=False),
    "service_role": ExternalRole(inherit=False, bypassrls=True),
    "authenticator": ExternalRole(
        login=True, inherit=False, member_of=("anon", "authenticated", "service_role")
    ),
    "supabase_admin": ExternalRole(login=True, superuser=True),
    "supabase_auth_admin": ExternalRole(login=True, inherit=False, createrole=True),
    "supabase_storage_admin": ExternalRole(login=True, inherit=False, createrole=True),
    "supabase_realtime_admin": ExternalRole(inherit=False),
    "supabase_replication_admin": ExternalRole(login=True, replication=True),
    "supabase_read_only_user": ExternalRole(login=True, bypassrls=True, member_of=("pg_read_all_data",)),
    "supabase_functions_admin": ExternalRole(login=True, inherit=False, createrole=True),
    "dashboard_user": ExternalRole(createrole=True, createdb=True, replication=True),
    "pgbouncer": ExternalRole(login=True),
}

_USERS = {
    "instance_id": "uuid",
    "id": "uuid PRIMARY KEY",
    "aud": "varchar(255)",
    "role": "varchar(255)",
    "email": "varchar(255)",
    "encrypted_password": "varchar(255)",
    "email_confirmed_at": _TIME,
    "invited_at": _TIME,
    "confirmation_token": "varchar(255)",
    "confirmation_sent_at": _TIME,
    "recovery_token": "varchar(255)",
    "recovery_sent_at": _TIME,
    "email_change_token_new": "varchar(255)",
    "email_change": "varchar(255)",
    "email_change_sent_at": _TIME,
    "last_sign_in_at": _TIME,
    "raw_app_meta_data": "jsonb",
    "raw_user_meta_data": "jsonb",
    "is_super_admin": "boolean",
    "created_at": _TIME,
    "updated_at": _TIME,
    "phone": "text UNIQUE",
    "phone_confirmed_at": _TIME,
    "phone_change": "text",
    "phone_change_token": "varchar(255)",
    "phone_change_sent_at": _TIME,
    "confirmed_at": _TIME,
    "email_change_token_current": "varchar(255)",
    "email_change_confirm_status": "smallint",
    "banned_until": _TIME,
    "reauthentication_token": "varchar(255)",
    "reauthentication_sent_at": _TIME,
    "is_sso_user": "boolean NOT NULL DEFAULT false",
    "deleted_at": _TIME,
    "is_anonymous": "boolean NOT NULL DEFAULT false",
}
_BUCKETS = {
    "id": "text PRIMARY KEY",
    "name": "text NOT NULL UNIQUE",
    "owner": "uuid",
    "created_at": f"{_TIME} DEFAULT now()",
    "updated_at": f"{_TIME} DEFAULT now()",
    "public": "boolean DEFAULT false",
    "avif_autodetection": "boolean DEFAULT false",
    "file_size_limit": "bigint",
    "allowed_mime_types": "text[]",
    "owner_id": "text",
}
_OBJECTS = {
    "id": "uuid PRIMARY KEY DEFAULT gen_random_uuid()",
    "bucket_id": "text REFERENCES storage.buckets",
    "name": "text",
    "owner": "uuid",
    "created_at": f"{_TIME} DEFAULT now()",
    "updated_at": f"{_TIME} DEFAULT now()",
    "last_accessed_at": f"{_TIME} DEFAULT now()",
    "metadata": "jsonb",
    "path_tokens": "text[]",
    "version": "text",
    "owner_id": "text",
    "user_metadata": "jsonb",
}
_MESSAGES = {
    "id": "uuid NOT NULL DEFAULT gen_random_uuid()",
    "topic": "text NOT NULL",
    "extension": "text NOT NULL",
    "payload": "jsonb",
    "event": "text",
    "private": "boolean DEFAULT false",
    "updated_at": "timestamp NOT NULL DEFAULT now()",
    "inserted_at": "timestamp NOT NULL DEFAULT now()",
}

_FUNCTIONS = {
    "auth.uid()": "uuid",
    "auth.role()": "text",
    "auth.email()": "text",
    "auth.jwt()": "jsonb",
    "storage.foldername(name text)": "text[]",
    "storage.filename(name text)": "text",
    "storage.extension(name text)": "text",
    "realtime.topic()": "text",
}

_SQL = (
    'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA extensions',
    "CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA extensions",
    "CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA extensions",
    f"GRANT USAGE ON SCHEMA public, extensions, auth, storage, realtime TO {_API}",
    *(
        f"ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON {kind} TO {_API}"
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS")
    ),
    f"GRANT ALL ON storage.buckets, storage.objects TO {_API}",
    "ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY",
    "GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role",
    "CREATE PUBLICATION supabase_realtime",
)

PLATFORM = Platform(
    External(
        roles=_ROLES,
        schemas=(
            *("extensions", "auth", "storage", "realtime", "graphql", "graphql_public", "vault"),
            *("supabase_functions", "supabase_migrations", "pgbouncer", "net", "cron", "pgmq", "_realtime"),
        ),
        tables={
            "auth.users": ExternalTable(_USERS),
            "storage.buckets": ExternalTable(_BUCKETS),
            "storage.objects": ExternalTable(_OBJECTS),
            "realtime.messages": ExternalTable(_MESSAGES),
        },
        functions=_FUNCTIONS,
        search_path=("$user", "public", "extensions"),
        sql=_SQL,
    ),
    application=("anon", "authenticated"),
    words=(
        "the database is taken to be Supabase's: its roles (`anon`, `authenticated`, `service_role` …), the schemas "
        "`auth`, `storage`, `extensions` …, and ALL on every table of `public` for its API roles by default; "
        "`external: {platform: none}` takes that back"
    ),
)
