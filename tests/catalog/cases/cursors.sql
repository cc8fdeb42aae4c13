--- arguments by name
CREATE TABLE made (name text);
CREATE FUNCTION from_both(int, int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  c CURSOR (low int, high int) FOR SELECT n FROM generate_series(low, high) AS n;
  x int;
BEGIN
  OPEN c(high := $2, low := $1);
  FETCH c INTO x;
  CLOSE c;
  RETURN x;
END $$;
DO $$
DECLARE
  c CURSOR (low int, high int) FOR SELECT n FROM generate_series(low, high) AS n;
  x int;
BEGIN
  OPEN c(high := 9, low := 7);
  FETCH c INTO x;
  EXECUTE format('CREATE TABLE t%s (id int)', x);
  CLOSE c;
  FOR r IN c(high := 2, low := 2) LOOP
    EXECUTE format('CREATE TABLE u%s (id int)', r.n);
  END LOOP;
  FOR r IN c(3, 3) LOOP
    EXECUTE format('CREATE TABLE u%s (id int)', r.n);
  END LOOP;
END $$;

--- with an arrow [18]
CREATE FUNCTION mixed() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  c CURSOR (low int, high int) FOR SELECT n FROM generate_series(low, high) AS n;
  x int;
BEGIN
  OPEN c(1, high => 2);
  FETCH c INTO x;
  RETURN x;
END $$;
