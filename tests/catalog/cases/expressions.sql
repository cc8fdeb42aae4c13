--- literals of each type
CREATE TABLE ok (
    a oid DEFAULT '42', b oid DEFAULT '-1', c bytea DEFAULT '\x6162', d bytea DEFAULT 'a\\b\101', e cidr DEFAULT '10.0.0.0/8',
    f inet DEFAULT '10.1.2.3', g macaddr DEFAULT '08:00:2b:01:02:03', h point DEFAULT '(1,2)', i bit(4) DEFAULT B'1010',
    j varbit DEFAULT '101', k numeric DEFAULT '1_000.5', l numeric DEFAULT '0x1F', m real DEFAULT '1e10', n real DEFAULT 1.5,
    o double precision DEFAULT '1e300', p double precision DEFAULT 'Infinity', q numeric DEFAULT 'NaN', r int[] DEFAULT '{1, 2,NULL}',
    s text[] DEFAULT '{"a b", c\,d, "x\"y"}', t int[][] DEFAULT '{{1,2},{3,4}}', u int4range DEFAULT '[1,5)', v int4range DEFAULT '[1,5]',
    w int4range DEFAULT 'empty', x daterange DEFAULT '(2024-01-01,]', y numrange DEFAULT '[5,5)', z text[] DEFAULT '{}'
);
CREATE TABLE ok2 (
    a interval DEFAULT '1 year 2 mons', b interval DEFAULT '@ 3 days ago', c interval DEFAULT 'P1Y2M3DT4H', d interval day DEFAULT '2',
    e time DEFAULT '10:20 PM', f timetz DEFAULT '10:20+02', g timestamp DEFAULT '2024-02-29 01:02:03.4', h date DEFAULT 'epoch',
    i date DEFAULT 'infinity', j timestamptz DEFAULT '2024-02-29 01:02:03+00', k uuid DEFAULT '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}',
    l json DEFAULT '{"a" : 1}', m jsonb DEFAULT '{"b":1, "a":[1,"x",null]}', n money DEFAULT '12.34', p boolean DEFAULT 'on',
    q char(3) DEFAULT 'ab', r varchar(3) DEFAULT 'abc', s "char" DEFAULT 'x', t name DEFAULT 'n', u tsvector DEFAULT 'a b', v regclass DEFAULT 'ok',
    w regtype DEFAULT 'int', y regnamespace DEFAULT 'public', z regprocedure DEFAULT 'now()'
);
CREATE TABLE bad (a oid DEFAULT 'x');
CREATE TABLE bad (a oid DEFAULT '99999999999');
CREATE TABLE bad (a bytea DEFAULT '\xzz');
CREATE TABLE bad (a bytea DEFAULT '\9');
CREATE TABLE bad (a bytea DEFAULT '\x616');
CREATE TABLE bad (a cidr DEFAULT '10.1.2.3/8');
CREATE TABLE bad (a inet DEFAULT '10.1.2.300');
CREATE TABLE bad (a macaddr DEFAULT 'xx');
CREATE TABLE bad (a point DEFAULT '1');
CREATE TABLE bad (a point DEFAULT '(a,b)');
CREATE TABLE bad (a bit(4) DEFAULT B'101');
CREATE TABLE bad (a varbit DEFAULT '102');
CREATE TABLE bad (a numeric DEFAULT '1x');
CREATE TABLE bad (a real DEFAULT '1e100');
CREATE TABLE bad (a int DEFAULT '1.5');
CREATE TABLE bad (a smallint DEFAULT 70000);
CREATE TABLE bad (a smallint DEFAULT '70000');
CREATE TABLE bad (a int[] DEFAULT '{1,2');
CREATE TABLE bad (a int[] DEFAULT '1,2');
CREATE TABLE bad (a int[] DEFAULT '{1,x}');
CREATE TABLE bad (a int[] DEFAULT '{{1},{2,3}}');
CREATE TABLE bad (a int4range DEFAULT '[5,1)');
CREATE TABLE bad (a int4range DEFAULT '1,5');
CREATE TABLE bad (a interval DEFAULT 'x');
CREATE TABLE bad (a time DEFAULT '25:00');
CREATE TABLE bad (a date DEFAULT '2024-02-30');
CREATE TABLE bad (a timestamp DEFAULT 'x');
CREATE TABLE bad (a uuid DEFAULT 'x');
CREATE TABLE bad (a json DEFAULT '{a}');
CREATE TABLE bad (a boolean DEFAULT 'x');
CREATE TABLE bad (a boolean DEFAULT 1);
CREATE TABLE bad (a regclass DEFAULT 'nothing');
CREATE TABLE bad (a regtype DEFAULT 'nothing');
CREATE TABLE bad (a varchar(2) DEFAULT now());
DROP TABLE IF EXISTS bad;
CREATE TABLE bad (a numeric(3,5,7));
CREATE TABLE bad (a numeric(0));
CREATE TABLE bad (a varchar(x));
CREATE TABLE bad (a timestamp(-1));
CREATE TABLE bad (a int(3));
CREATE TABLE bad (a text(3));
CREATE TABLE typmods (a timestamp(9), b interval(8), c time(3), d numeric(5), e char, f interval minute to second(2), g bit varying(3), h interval year to month);

--- composites and domains as literals
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE TYPE span AS RANGE (subtype = numeric);
CREATE TYPE en AS ENUM ('a', 'b');
CREATE TABLE t (p pair DEFAULT '(1,"x y")', q pair DEFAULT ROW(1, 'x'), d pos DEFAULT 5, e en DEFAULT 'a', s span DEFAULT '[1,2]', es en[] DEFAULT '{a,b}', n pair DEFAULT '(,)');
CREATE TABLE bad (p pair DEFAULT '(1)');
CREATE TABLE bad (p pair DEFAULT '1,2');
CREATE TABLE bad (p pair DEFAULT '(x,y)');
CREATE TABLE bad (p pair DEFAULT ROW(1));
CREATE TABLE bad (p pair DEFAULT ROW('x', 1));
CREATE TABLE bad (e en DEFAULT 'c');
CREATE TABLE bad (d pos DEFAULT 'x');
CREATE TABLE bad (es en[] DEFAULT '{c}');

--- rows and records
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int, p pair, ps pair[]);
CREATE TABLE child (extra int) INHERITS (t);
CREATE FUNCTION whole(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION loose() RETURNS record LANGUAGE sql AS 'SELECT 1, 2';
CREATE VIEW v1 AS SELECT (p).a, (p).b, (ps[1]).a AS c FROM t;
CREATE VIEW v2 AS SELECT (p).* FROM t;
CREATE VIEW v3 AS SELECT (t).id, t.whole, whole(t) FROM t;
CREATE VIEW v4 AS SELECT (s.r).f1, (s.r).f2 FROM (SELECT ROW(1, 'x'::text) AS r) s;
CREATE VIEW v5 AS SELECT (s.x).id FROM (SELECT t AS x FROM t) s;
CREATE VIEW v6 AS SELECT whole(c::t) FROM child c;
CREATE VIEW v7 AS SELECT ROW(id, p)::text, ROW(1, 'x')::pair, (ROW(1, 'x')::pair).a AS a FROM t;
CREATE VIEW bad AS SELECT (p).nothing FROM t;
CREATE VIEW bad AS SELECT (id).a FROM t;
CREATE VIEW bad AS SELECT loose();
CREATE VIEW bad AS SELECT * FROM loose();
CREATE VIEW v8 AS SELECT * FROM loose() AS l(a int, b int);
CREATE VIEW bad AS SELECT * FROM now() AS l(a int);
CREATE VIEW bad AS SELECT ROW(1) = ROW(1, 2);
CREATE VIEW bad AS SELECT (1, 2) IN (SELECT 1);
CREATE VIEW v9 AS SELECT (id, 1) = (1, 2) AS a, (id, 1) < (1, 2) AS b, ROW(id) IS NULL AS c, (id, 1) IN ((1, 1), (2, 2)) AS d, (id, 2) IN (SELECT 1, 2) AS e, ROW(id, p) IS DISTINCT FROM ROW(1, NULL) AS f FROM t;
CREATE VIEW v10 AS SELECT t.*::text AS whole_row, count(t.*) FROM t GROUP BY t.*;

--- operators and functions
CREATE TABLE t (a int, b text, c numeric, d date, e json, f point, g xml, h int[], u uuid);
CREATE VIEW v1 AS SELECT a + 1 AS a, c * 2.5 AS b, - a AS c, a ^ 2 AS d, |/ 4 AS e, a !~~ b::int AS f FROM t;
CREATE VIEW v1 AS SELECT a + 1 AS a, c * 2.5 AS b, - a AS c, a ^ 2 AS d, b || a AS e, b ~ 'x' AS f, a % 2 AS g, @ a AS h FROM t;
CREATE VIEW bad AS SELECT a + d || e FROM t;
CREATE VIEW bad AS SELECT e = e FROM t;
CREATE VIEW bad AS SELECT e < e FROM t;
CREATE VIEW bad AS SELECT f < f FROM t;
CREATE VIEW bad AS SELECT DISTINCT e FROM t;
CREATE VIEW bad AS SELECT DISTINCT f FROM t;
CREATE VIEW bad AS SELECT a FROM t ORDER BY e;
CREATE VIEW bad AS SELECT count(*) FROM t GROUP BY e;
CREATE VIEW bad AS SELECT e FROM t UNION SELECT e FROM t;
CREATE VIEW v2 AS SELECT e FROM t UNION ALL SELECT e FROM t;
CREATE VIEW bad AS SELECT a ### 1 FROM t;
CREATE VIEW bad AS SELECT a = ANY (b) FROM t;
CREATE VIEW bad AS SELECT a = ANY (5) FROM t;
CREATE VIEW bad AS SELECT a + ANY (h) FROM t;
CREATE VIEW bad AS SELECT NOT a FROM t;
CREATE VIEW bad AS SELECT a AND true FROM t;
CREATE VIEW bad AS SELECT 1 FROM t WHERE a;
CREATE VIEW bad AS SELECT CASE WHEN a THEN 1 END FROM t;
CREATE VIEW bad AS SELECT CASE WHEN true THEN 1 ELSE d END FROM t;
CREATE VIEW bad AS SELECT coalesce(a, d) FROM t;
CREATE VIEW bad AS SELECT nullif(e, e) FROM t;
CREATE VIEW bad AS SELECT greatest(e, e) FROM t;
CREATE VIEW bad AS SELECT e IS DISTINCT FROM e FROM t;
CREATE VIEW bad AS SELECT ARRAY[a, d] FROM t;
CREATE VIEW bad AS SELECT ARRAY[]::nothing[];
CREATE VIEW bad AS SELECT ARRAY[];
CREATE VIEW bad AS SELECT array_append(h, b) FROM t;
CREATE VIEW bad AS SELECT array_append(a, 1) FROM t;
CREATE VIEW bad AS SELECT unnest(a) FROM t;
CREATE VIEW bad AS SELECT nothing(a) FROM t;
CREATE VIEW bad AS SELECT upper(a, b) FROM t;
CREATE VIEW bad AS SELECT round(b) FROM t;
CREATE VIEW bad AS SELECT date_trunc(d) FROM t;
CREATE VIEW bad AS SELECT make_interval(days => 1, days => 2);
CREATE VIEW bad AS SELECT make_interval(days => 1, 2);
CREATE VIEW bad AS SELECT make_interval(nothing => 2);
CREATE VIEW v3 AS SELECT make_interval(days => a, hours => 2) AS i, concat(a, b, c) AS k, format('%s', VARIADIC ARRAY['x']) AS f FROM t;
CREATE VIEW bad AS SELECT sum(b) FROM t;
CREATE VIEW bad AS SELECT sum(sum(a)) FROM t;
CREATE VIEW bad AS SELECT a, count(*) FROM t;
CREATE VIEW bad AS SELECT count(*) FROM t WHERE count(*) > 1;
CREATE VIEW bad AS SELECT a FROM t GROUP BY 5;
CREATE VIEW bad AS SELECT a FROM t GROUP BY nothing;
CREATE VIEW bad AS SELECT a FROM t HAVING b = 'x';
CREATE VIEW bad AS SELECT upper(DISTINCT b) FROM t;
CREATE VIEW bad AS SELECT upper(b) OVER () FROM t;
CREATE VIEW bad AS SELECT upper(b) FILTER (WHERE true) FROM t;
CREATE VIEW bad AS SELECT row_number() FROM t;
CREATE VIEW bad AS SELECT sum(a) OVER w FROM t;
CREATE VIEW v4 AS SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c) AS p, mode() WITHIN GROUP (ORDER BY b) AS m, string_agg(b, ',' ORDER BY a DESC) AS s, count(DISTINCT a) FILTER (WHERE a > 0) AS n FROM t;
CREATE VIEW v5 AS SELECT sum(a) OVER (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS s, first_value(a) OVER w AS f FROM t WINDOW w AS (ORDER BY a);
CREATE VIEW v6 AS SELECT h[1] AS a, h[1:2] AS b, h[:] AS c, array_length(h, 1) AS d, a = ANY (h) AS e, a <> ALL (ARRAY[1, 2]) AS f FROM t;
CREATE VIEW bad AS SELECT a[1] FROM t;
CREATE VIEW bad AS SELECT h['x'] FROM t;
CREATE VIEW v7 AS SELECT b COLLATE "C" AS x, b < 'x' COLLATE "POSIX" AS y, (a::text COLLATE "C") AS z FROM t ORDER BY b COLLATE "C";
CREATE VIEW bad AS SELECT a COLLATE "C" FROM t;
DROP VIEW IF EXISTS bad;
CREATE VIEW bad AS SELECT b COLLATE nothing FROM t;
CREATE VIEW v8 AS SELECT a BETWEEN 1 AND 2 AS x, a NOT BETWEEN SYMMETRIC 2 AND 1 AS y, b LIKE 'a%' AS z, b NOT ILIKE 'x' ESCAPE '!' AS w, b SIMILAR TO 'x' AS q, d IS NULL AS n, a IS DISTINCT FROM 1 AS o, (a > 1) IS NOT UNKNOWN AS p FROM t;
CREATE VIEW v9 AS SELECT extract(year FROM d) AS y, position('x' IN b) AS p, substring(b FROM 2 FOR 3) AS s, trim(BOTH 'x' FROM b) AS t, overlay(b PLACING 'x' FROM 1) AS o, d AT TIME ZONE 'UTC' AS z, CURRENT_DATE AS c, LOCALTIME(2) AS l, cast(a AS text) AS k, normalize(b) AS n FROM t;
CREATE VIEW bad AS SELECT pg_typeof(a)::int4[] FROM t;
CREATE VIEW bad AS SELECT d::int FROM t;
CREATE VIEW bad AS SELECT h::int FROM t;
CREATE VIEW bad AS SELECT 'x'::nothing;

--- queries of views
CREATE TABLE t (a int PRIMARY KEY, b text, c numeric);
CREATE TABLE u (a int, d text);
CREATE VIEW v1 AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r;
CREATE VIEW v2 AS WITH x AS MATERIALIZED (SELECT a FROM t), y AS NOT MATERIALIZED (SELECT a FROM x) SELECT y.a FROM x JOIN y USING (a);
CREATE VIEW v3 AS SELECT a, b FROM t GROUP BY a;
CREATE VIEW v4 AS SELECT b, sum(c), GROUPING(b) AS g FROM t GROUP BY ROLLUP (b), CUBE (a), GROUPING SETS ((c), ());
CREATE VIEW v5 AS SELECT * FROM t LEFT JOIN u USING (a) NATURAL JOIN (SELECT 1 AS z) q;
CREATE VIEW v6 AS SELECT t.a, l.x FROM t, LATERAL (SELECT t.a + 1 AS x) l, generate_series(1, t.a) WITH ORDINALITY g(n, o);
CREATE VIEW v7 AS SELECT DISTINCT ON (b) b, a FROM t ORDER BY b, a DESC NULLS LAST LIMIT 5 OFFSET 1;
CREATE VIEW v8 AS (SELECT a FROM t EXCEPT SELECT a FROM u) INTERSECT ALL SELECT 1 ORDER BY 1 FETCH FIRST 2 ROWS WITH TIES;
CREATE VIEW v9 AS VALUES (1, 'x'), (2, NULL);
CREATE VIEW v10 AS SELECT * FROM t TABLESAMPLE BERNOULLI (10) REPEATABLE (5);
CREATE VIEW v11 AS SELECT a FROM t FOR UPDATE OF t SKIP LOCKED;
CREATE VIEW v12 AS SELECT x.* FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a'])) AS x(n, s);
CREATE VIEW v13 AS SELECT EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AS e, (SELECT max(d) FROM u) AS m, ARRAY(SELECT a FROM u) AS r, t.a IN (SELECT a FROM u) AS i, t.a > ALL (SELECT a FROM u) AS g FROM t;
CREATE VIEW bad AS SELECT * FROM t, t;
CREATE VIEW bad AS SELECT a FROM t, u;
CREATE VIEW bad AS SELECT x.a FROM t;
CREATE VIEW bad AS SELECT t.a FROM t x;
CREATE VIEW bad AS SELECT nothing.* FROM t;
CREATE VIEW bad AS SELECT a, a FROM t;
CREATE VIEW bad AS SELECT *, a FROM t;
CREATE VIEW bad (x, y, z, w) AS SELECT a, b FROM t;
CREATE VIEW bad AS SELECT a FROM t UNION SELECT a, d FROM u;
CREATE VIEW bad AS SELECT a FROM t UNION SELECT d FROM u;
CREATE VIEW bad AS SELECT a FROM t ORDER BY 2;
CREATE VIEW bad AS SELECT DISTINCT a FROM t ORDER BY b;
CREATE VIEW bad AS SELECT DISTINCT ON (b) a FROM t ORDER BY a;
CREATE VIEW bad AS SELECT a FROM t UNION SELECT a FROM u ORDER BY b;
CREATE VIEW bad AS SELECT a FROM t LIMIT 'x';
CREATE VIEW bad AS SELECT a FROM t LIMIT a;
CREATE VIEW bad AS SELECT * FROM t JOIN u USING (b);
CREATE VIEW bad AS SELECT * FROM t JOIN u ON t.a;
CREATE VIEW bad AS SELECT * FROM t JOIN u ON nothing = 1;
CREATE VIEW bad AS WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1;
CREATE VIEW bad AS WITH x(a, b) AS (SELECT 1) SELECT 1 FROM x;
CREATE VIEW bad AS WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT sum(n) FROM r) SELECT 1 FROM r;
CREATE VIEW bad AS VALUES (1), (1, 2);
CREATE VIEW bad AS SELECT (SELECT a, b FROM t);
CREATE VIEW bad AS SELECT a FROM t FOR UPDATE OF x;
CREATE VIEW bad AS SELECT count(*) FROM t FOR UPDATE;
CREATE VIEW bad AS SELECT generate_series(1, 2) + sum(a) FROM t;
CREATE VIEW bad AS SELECT a FROM t WHERE generate_series(1, 2) > 1;
CREATE VIEW bad AS SELECT a FROM t WHERE row_number() OVER () > 1;
CREATE VIEW bad AS SELECT $1;
CREATE VIEW bad AS INSERT INTO t VALUES (1) RETURNING a;
CREATE VIEW bad AS WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x;

--- json constructs
CREATE TABLE t (a int, b text, c jsonb, d json);
CREATE VIEW v1 AS SELECT JSON_OBJECT('k' : a, 'l' VALUE b ABSENT ON NULL) AS o, JSON_ARRAY(a, b NULL ON NULL) AS r, b IS JSON AS i, b IS NOT JSON OBJECT WITH UNIQUE KEYS AS n FROM t;
CREATE VIEW v2 AS SELECT JSON_OBJECTAGG(b : a) AS o, JSON_ARRAYAGG(a ORDER BY a RETURNING jsonb) AS r FROM t;

--- json queries [17]
CREATE TABLE t (a int, b text, c jsonb);
CREATE VIEW v1 AS SELECT JSON_VALUE(c, '$.x' RETURNING int DEFAULT 0 ON ERROR) AS v, JSON_QUERY(c, '$.y' WITH WRAPPER) AS q, JSON_EXISTS(c, '$.z') AS e, JSON('{}') AS j, JSON_SCALAR(a) AS s, JSON_SERIALIZE(b RETURNING text) AS z FROM t;
CREATE VIEW v2 AS SELECT jt.* FROM t, JSON_TABLE(c, '$[*]' COLUMNS (n FOR ORDINALITY, x int PATH '$.x', y text EXISTS PATH '$.y')) AS jt;

--- calls that do not fit
CREATE FUNCTION two(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION amb(int, bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION amb(bigint, int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION anys(anyelement, anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION comp(anycompatible, anycompatiblearray) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION ran(anyrange) RETURNS anyelement LANGUAGE sql AS 'SELECT lower($1)';
CREATE FUNCTION mran(anymultirange) RETURNS anyrange LANGUAGE sql AS 'SELECT range_merge($1)';
CREATE FUNCTION cran(anycompatiblerange, anycompatible) RETURNS anycompatible LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION non(anynonarray) RETURNS anynonarray LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION enu(anyenum) RETURNS anyenum LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION vari(VARIADIC int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rec(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, $$x$$';
CREATE PROCEDURE proc() LANGUAGE sql AS '';
CREATE AGGREGATE mysum(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TYPE en AS ENUM ('x');
CREATE VIEW v1 AS SELECT two(1) AS a, two(a => 1) AS b, two(b => 3, a => 1) AS c, anys(1, ARRAY[2]) AS d, comp(1, ARRAY[2.5]) AS e, ran('[1,2)'::int4range) AS f, non(1) AS g, enu('x'::en) AS h, vari(1, 2) AS i, vari(VARIADIC ARRAY[1]) AS j, cran('[1,2)'::int8range, 5) AS k, mran('{[1,2)}'::int4multirange) AS l;
CREATE VIEW v2 AS SELECT r.a, r.b, (rec()).a AS c, mysum(r.a) OVER () AS s FROM rec() r;
CREATE VIEW bad AS SELECT two();
CREATE VIEW bad AS SELECT two('x'::text);
CREATE VIEW bad AS SELECT two(1, a => 2);
CREATE VIEW bad AS SELECT two(1, c => 2);
CREATE VIEW bad AS SELECT amb(1, 2);
CREATE VIEW bad AS SELECT anys(1, ARRAY['x']);
CREATE VIEW bad AS SELECT anys(NULL, NULL);
CREATE VIEW bad AS SELECT comp(1, ARRAY['x'::text]);
CREATE VIEW bad AS SELECT ran(5);
CREATE VIEW bad AS SELECT non(ARRAY[1]);
CREATE VIEW bad AS SELECT enu(5);
CREATE VIEW bad AS SELECT cran('[1,2)'::int4range, 'x'::text);
CREATE VIEW bad AS SELECT mran('x');
CREATE VIEW bad AS SELECT vari(VARIADIC 5);
CREATE VIEW bad AS SELECT vari();
CREATE VIEW bad AS SELECT proc();
CREATE VIEW bad AS SELECT * FROM proc();
CREATE VIEW bad AS SELECT * FROM mysum(1);
CREATE VIEW bad AS SELECT mysum(1, 2);
CREATE VIEW bad AS SELECT mysum(*);
CREATE VIEW bad AS SELECT * FROM rec() AS r(a int, b text);
CREATE VIEW bad AS SELECT nowhere.two(1);
CREATE VIEW bad AS SELECT public.nothing(1);
CREATE VIEW bad AS SELECT pg_catalog.two(1);
CREATE TABLE i1 (a int, b int);
CREATE INDEX ON i1 (two(a));
CREATE INDEX ON i1 (vari(a));
CREATE INDEX ON i1 (mysum(a));
CREATE INDEX ON i1 ((a + random()));
CREATE INDEX ON i1 (a) WHERE vari(a) > 1;
ALTER TABLE i1 ADD CHECK (vari(a) > 0), ADD CHECK (two(b) > 0);
ALTER TABLE i1 ADD g int GENERATED ALWAYS AS (two(a)) STORED;
ALTER TABLE i1 ADD h int GENERATED ALWAYS AS (vari(a)) STORED;
ALTER TABLE i1 ALTER b SET DEFAULT mysum(1);
ALTER TABLE i1 ALTER b SET DEFAULT a;
ALTER TABLE i1 ALTER b SET DEFAULT (SELECT 1);
ALTER TABLE i1 ALTER b SET DEFAULT generate_series(1, 2);
ALTER TABLE i1 ALTER b SET DEFAULT 'x';
ALTER TABLE i1 ALTER b SET DEFAULT '5';
