--- enums
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TYPE empty AS ENUM ();
CREATE TYPE e AS ENUM ('c');
CREATE TYPE f AS ENUM ('a', 'a');
CREATE TYPE g AS ENUM ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
CREATE SCHEMA s;
CREATE TYPE s.e AS ENUM ('x');
CREATE TYPE nowhere.e AS ENUM ('x');
CREATE TABLE t (a e, b e[], c s.e);
CREATE TYPE t AS ENUM ('x');
CREATE SEQUENCE q;
CREATE TYPE q AS ENUM ('x');

--- ADD VALUE, RENAME VALUE
CREATE TYPE e AS ENUM ('a', 'b');
ALTER TYPE e ADD VALUE 'c';
ALTER TYPE e ADD VALUE 'c';
ALTER TYPE e ADD VALUE IF NOT EXISTS 'c';
ALTER TYPE e ADD VALUE 'aa' AFTER 'a';
ALTER TYPE e ADD VALUE '0' BEFORE 'a';
ALTER TYPE e ADD VALUE 'x' BEFORE 'nothing';
ALTER TYPE e ADD VALUE 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
ALTER TYPE e RENAME VALUE 'a' TO 'A';
ALTER TYPE e RENAME VALUE 'a' TO 'x';
ALTER TYPE e RENAME VALUE 'b' TO 'c';
ALTER TYPE nothing ADD VALUE 'x';
ALTER TYPE nowhere.nothing ADD VALUE 'x';
ALTER TYPE integer ADD VALUE 'x';
CREATE DOMAIN d AS text;
ALTER TYPE d ADD VALUE 'x';
CREATE TYPE c AS (a int);
ALTER TYPE c ADD VALUE 'x';
ALTER TYPE c RENAME VALUE 'x' TO 'y';
CREATE ROLE other;
SET ROLE other;
ALTER TYPE e ADD VALUE 'y';
ALTER TYPE e RENAME VALUE 'c' TO 'd';
CREATE TYPE mine AS ENUM ('a');

--- composites
CREATE TYPE c AS (a int, b varchar(10), d text COLLATE "C", f numeric(6,2)[]);
CREATE TYPE empty AS ();
CREATE TYPE c AS (a int);
CREATE TYPE c2 AS (a int, a text);
CREATE TYPE c3 AS (a nothing);
CREATE TYPE c3 AS (a anyelement);
CREATE TYPE c3 AS (a c, b c[]);
CREATE TABLE t (a c, b c3);
CREATE TYPE t AS (a int);
CREATE SEQUENCE q;
CREATE TYPE q AS (a int);
CREATE SCHEMA s;
CREATE TYPE s.c AS (x uuid);
CREATE TABLE c (a int);
CREATE VIEW c AS SELECT 1 AS one;
DROP TYPE c;
DROP TYPE c3 CASCADE;
DROP TYPE c CASCADE;

--- attributes
CREATE TYPE c AS (a int, b text);
ALTER TYPE c ADD ATTRIBUTE d uuid, DROP ATTRIBUTE b, ALTER ATTRIBUTE a TYPE bigint;
ALTER TYPE c ADD ATTRIBUTE d int;
ALTER TYPE c DROP ATTRIBUTE nothing;
ALTER TYPE c DROP ATTRIBUTE IF EXISTS nothing;
ALTER TYPE c ALTER ATTRIBUTE nothing TYPE text;
ALTER TYPE c ADD ATTRIBUTE e c;
ALTER TYPE c ADD ATTRIBUTE e nothing;
ALTER TYPE nothing ADD ATTRIBUTE e int;
CREATE TABLE t (x c, y int);
ALTER TYPE c ADD ATTRIBUTE e int;
ALTER TYPE c ALTER ATTRIBUTE a TYPE int;
ALTER TYPE c DROP ATTRIBUTE e;
ALTER TYPE t ADD ATTRIBUTE e int;
CREATE TYPE outer_type AS (i c);
ALTER TYPE c ADD ATTRIBUTE f outer_type;
CREATE ROLE other;
SET ROLE other;
ALTER TYPE c ADD ATTRIBUTE g int;

--- typed tables
CREATE TYPE c AS (a int, b text);
CREATE TABLE t OF c;
ALTER TYPE c ADD ATTRIBUTE d int;
ALTER TYPE c ADD ATTRIBUTE d int CASCADE;
ALTER TYPE c DROP ATTRIBUTE a;
ALTER TYPE c DROP ATTRIBUTE a CASCADE;
ALTER TYPE c ALTER ATTRIBUTE d TYPE bigint;
ALTER TYPE c ALTER ATTRIBUTE d TYPE bigint CASCADE;
ALTER TYPE c ADD ATTRIBUTE e int RESTRICT;
DROP TYPE c;
DROP TYPE c CASCADE;

--- ranges
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE span AS RANGE (subtype = text);
CREATE TYPE intrange AS RANGE (subtype = integer, multirange_type_name = intranges);
CREATE TYPE r AS RANGE (subtype = float8);
CREATE TYPE r2 AS RANGE (subtype_diff = float8mi);
CREATE TYPE r2 AS RANGE (subtype = float8, nonsense = 1);
CREATE TYPE r2 AS RANGE (subtype = float8, subtype = float8);
CREATE TYPE r2 AS RANGE (subtype = nothing);
CREATE TYPE r2 AS RANGE (subtype = anyelement);
CREATE TYPE r2 AS RANGE (subtype = float8, multirange_type_name = span);
CREATE TYPE float_multirange AS ENUM ('a');
CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE SCHEMA s;
CREATE TYPE s.daterange AS RANGE (subtype = date, multirange_type_name = s.many);
CREATE TABLE t (a r, b r_multirange, c intranges, d s.daterange);
DROP TYPE span;
DROP TYPE r_multirange;
DROP FUNCTION intrange(integer, integer);
DROP TYPE r;
DROP TYPE r CASCADE;

--- shell and base types
CREATE TYPE sh;
CREATE TYPE sh;
CREATE TABLE t (a sh);
CREATE TYPE b (input = b_in, output = b_out);
CREATE TYPE b;
CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE b (input = b_in);
CREATE TYPE b (input = b_in, output = nothing);
CREATE TYPE b (input = b_in, output = b_out, internallength = 4, passedbyvalue, alignment = int4);
CREATE TYPE b (input = b_in, output = b_out);
CREATE TABLE t (a b);
DROP TYPE sh;
DROP FUNCTION b_in(cstring);
DROP TYPE b CASCADE;
CREATE ROLE other;
GRANT CREATE ON SCHEMA public TO other;
SET ROLE other;
CREATE TYPE sh2;
CREATE TYPE sh2 (input = textin, output = textout);

--- names of arrays
CREATE TYPE e AS ENUM ('a');
CREATE TABLE t (a _e);
CREATE TYPE _e AS ENUM ('b');
CREATE TABLE u (a _e, b e[]);
CREATE TYPE _t AS ENUM ('x');

--- rights on types
CREATE TYPE e AS ENUM ('a');
CREATE DOMAIN d AS int;
REVOKE USAGE ON TYPE e FROM PUBLIC;
REVOKE USAGE ON DOMAIN d FROM PUBLIC;
CREATE ROLE r;
GRANT CREATE ON SCHEMA public TO r;
SET ROLE r;
CREATE TYPE c AS (a e);
CREATE TYPE c AS (a d[]);
CREATE DOMAIN d2 AS d;
CREATE FUNCTION f(a e) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f() RETURNS e LANGUAGE plpgsql AS 'BEGIN END';
CREATE TYPE ra AS RANGE (subtype = d);
CREATE AGGREGATE ag(e) (sfunc = int4pl, stype = int);
CREATE TABLE t (a d);
