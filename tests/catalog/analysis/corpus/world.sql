-- The schema that the corpus of expressions and queries is about.
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema";
CREATE TYPE status AS ENUM ('draft', 'active', 'it''s "odd"', 'closed');
CREATE TYPE app.level AS ENUM ('low', 'high');
CREATE TYPE address AS (street text, city varchar(80), zip char(5), geo point);
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
CREATE DOMAIN app.cents AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN code AS varchar(12);
CREATE TYPE app.span AS RANGE (subtype = numeric);
CREATE SEQUENCE order_number_seq;
CREATE SEQUENCE app."Odd Seq";

CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, slug varchar(63), settings jsonb,
    created_at timestamptz NOT NULL DEFAULT now(), "Mixed Case" int, "select" boolean
);
CREATE TABLE customers (
    id bigint PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email email, phone varchar(20),
    home address, tags text[], scores int[], attributes json, data jsonb, born date, code char(3), rank smallint,
    weight real, height double precision, "order" int, active boolean, key_code code, balance app.cents,
    levels app.level[], at_time time, at_timetz time with time zone, payload bytea, ip inet, net cidr, token uuid,
    valid daterange, score_range int4range, doc tsvector, note xml, name_ name, flags bit(4), mask varbit, cost money,
    letter "char", obj oid, seen timestamp, every interval, position_ point
);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id uuid NOT NULL, customer_id bigint REFERENCES customers,
    status status NOT NULL DEFAULT 'draft', kind varchar(20), amount numeric(12,2), quantity int, discount numeric,
    amount_cents bigint, currency char(3), priority smallint, placed_at timestamptz, paid_at timestamp, due date,
    note text, metadata jsonb, lines jsonb[], level app.level, ratio double precision, deleted_at timestamptz
);
CREATE TABLE app.events (
    id bigint, tenant_id uuid, kind text, payload jsonb, occurred_at timestamptz, order_id bigint, orders int, value int
);
CREATE TABLE "Odd Schema"."Odd Table" ("Id" int PRIMARY KEY, "a b" text, value numeric, "user" text);
CREATE VIEW active_orders AS SELECT id, tenant_id, amount, status FROM orders WHERE deleted_at IS NULL;
CREATE VIEW app.wide AS SELECT o.*, c.email FROM orders o JOIN customers c ON c.id = o.customer_id;

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION app.current_user_id() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 1::bigint $$;
CREATE FUNCTION app.has_role(name text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$;
CREATE FUNCTION app.has_role(name text, tenant uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$;
CREATE FUNCTION cleaned(value text, width int DEFAULT 10, VARIADIC extra text[] DEFAULT '{}') RETURNS text
    LANGUAGE sql IMMUTABLE AS $$ SELECT value $$;
CREATE FUNCTION total(o orders) RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT o.amount $$;
CREATE FUNCTION app.lower(value uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '' $$;
CREATE FUNCTION first_of(anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$ SELECT $1[1] $$;
CREATE FUNCTION tenant_orders(tenant uuid) RETURNS SETOF orders LANGUAGE sql STABLE AS
    $$ SELECT * FROM orders WHERE tenant_id = tenant $$;
CREATE FUNCTION app.stats(since date, OUT total bigint, OUT latest timestamptz) RETURNS record
    LANGUAGE sql STABLE AS $$ SELECT 1::bigint, now() $$;
CREATE FUNCTION app.pairs(n int) RETURNS TABLE (key text, value numeric) LANGUAGE sql STABLE AS
    $$ SELECT 'a'::text, 1.0 $$;
CREATE FUNCTION loose(n int) RETURNS SETOF record LANGUAGE sql STABLE AS $$ SELECT 1, 'x'::text $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION is_even(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT n % 2 = 0 $$;
CREATE FUNCTION moody(n int) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT n $$;
