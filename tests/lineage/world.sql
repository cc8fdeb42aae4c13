-- The tables that the cases are about.
CREATE DOMAIN cents AS bigint NOT NULL;
CREATE TYPE place AS (street text, city text);
CREATE TABLE tenants (id int PRIMARY KEY, name text NOT NULL, plan text);
CREATE TABLE channels (code text PRIMARY KEY, label text NOT NULL, paid boolean NOT NULL);
CREATE TABLE orders (
    id int PRIMARY KEY, tenant int NOT NULL, channel text, amount bigint NOT NULL, fee bigint, tags text[] NOT NULL,
    placed timestamptz NOT NULL, note text, status text NOT NULL, home place, data jsonb, total cents,
    checked int CHECK (checked IS NOT NULL AND checked > 0), lax int CHECK (lax > 0),
    net bigint GENERATED ALWAYS AS (amount - coalesce(fee, 0)) STORED
);
CREATE TABLE refunds (id int PRIMARY KEY, order_id int, amount bigint NOT NULL, reason text);
CREATE VIEW paid AS SELECT id, tenant, amount AS cents, channel FROM orders WHERE status = 'paid';
CREATE VIEW paid_by_tenant AS SELECT tenant, sum(cents) AS total, count(*) AS n FROM paid GROUP BY tenant;
CREATE FUNCTION fees(wanted int) RETURNS bigint LANGUAGE sql STABLE AS
    'SELECT sum(fee)::bigint FROM orders WHERE tenant = wanted';
CREATE FUNCTION doubled(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE FUNCTION of_tenant(wanted int) RETURNS SETOF orders LANGUAGE sql STABLE AS
    'SELECT * FROM orders o WHERE o.tenant = wanted';
CREATE FUNCTION pairs(wanted int, OUT a text, OUT b bigint) RETURNS SETOF record LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT note, amount FROM orders WHERE id = wanted; END;
CREATE FUNCTION label_of(given text) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT label FROM channels WHERE code = given);
CREATE FUNCTION worth(o orders) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT o.amount + o.fee';
CREATE FUNCTION looked_up(n int) RETURNS text LANGUAGE plpgsql STABLE AS
    'BEGIN RETURN (SELECT name FROM tenants WHERE id = n); END';
CREATE FUNCTION tripled(n bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n * 3; END';
CREATE FUNCTION same(n anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE FUNCTION recorded(n int) RETURNS int LANGUAGE sql AS
    'INSERT INTO tenants (id, name) VALUES (n, ''x'') RETURNING id';
CREATE FUNCTION glued(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
    'SELECT array_to_string(parts, '','')';
CREATE FUNCTION named(first int, second bigint DEFAULT 0) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT first + second';
CREATE AGGREGATE total_of (bigint) (SFUNC = int8pl, STYPE = bigint);
SET check_function_bodies = off;
CREATE FUNCTION looping(n int) RETURNS int LANGUAGE sql STABLE AS 'SELECT looping(n)';
CREATE FUNCTION broken(n int) RETURNS int LANGUAGE sql STABLE AS 'SELECT nothing FROM nowhere';
RESET check_function_bodies;
