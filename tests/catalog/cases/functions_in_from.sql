--- of rows of a table
CREATE TABLE pairs (id int PRIMARY KEY, word text);
CREATE TYPE one AS (only_one int);
CREATE FUNCTION found(int) RETURNS SETOF pairs LANGUAGE sql STABLE AS 'SELECT * FROM pairs WHERE id = $1';
CREATE FUNCTION first() RETURNS pairs LANGUAGE sql STABLE AS 'SELECT * FROM pairs LIMIT 1';
CREATE FUNCTION ones() RETURNS SETOF one LANGUAGE sql IMMUTABLE AS 'SELECT ROW(1)::one';
CREATE FUNCTION told(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$SELECT 1, 'x'$$;
SELECT id, word FROM found(1);
SELECT f.word FROM found(1) f;
SELECT a, b, n FROM found(1) WITH ORDINALITY AS z (a, b, n);
SELECT p.id FROM pairs p, found(p.id) z WHERE z.word = p.word;
SELECT nothing FROM found(1);
SELECT word FROM first();
SELECT only_one FROM ones();
SELECT a + 1, b || 'y' FROM told();
SELECT told FROM told();
SELECT * FROM pairs WHERE id IN (SELECT id FROM found(pairs.id));
CREATE VIEW v AS SELECT f.word, n FROM found(1) WITH ORDINALITY AS f (id, word, n);
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT o.only_one AS n FROM ones() o LOOP
    EXECUTE format('CREATE TABLE from_ones_%s (id int)', r.n);
  END LOOP;
  FOR r IN SELECT t.b AS n FROM told() t WHERE t.a = 1 LOOP
    EXECUTE format('CREATE TABLE from_told_%s (id int)', r.n);
  END LOOP;
END $$;
