-- The world of the predicates below: their tables are made like `model`, and hold rows of two tenants.
CREATE SCHEMA app;
CREATE ROLE app_rw LOGIN;
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE members (tenant_id uuid NOT NULL, user_id uuid NOT NULL);
CREATE TABLE model (
    id uuid NOT NULL, tenant_id uuid NOT NULL, account text, user_id uuid, is_public boolean NOT NULL, kind text, parent_id uuid
);
CREATE TABLE lookup (parent_id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
GRANT USAGE ON SCHEMA app TO app_rw;
GRANT SELECT ON tenants, members, lookup TO app_rw;

CREATE FUNCTION app.tenant() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION app.tenant_atomic() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;
CREATE FUNCTION app.tenant_begin() RETURNS uuid LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT nullif(current_setting('app.tenant_id', true), '')::uuid; END;
CREATE FUNCTION app.tenant_block() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;
END $$;
CREATE FUNCTION app.tenant_variable() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text := current_setting('app.tenant_id', true);
BEGIN
    IF found IS NULL OR found = '' THEN
        RETURN NULL;
    END IF;
    RETURN found::uuid;
END $$;
CREATE FUNCTION app.tenant_loud() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text;
BEGIN
    found := nullif(current_setting('app.tenant_id', true), '');
    IF found IS NULL THEN
        RAISE EXCEPTION 'no tenant';
    END IF;
    RETURN found::uuid;
END $$;
CREATE FUNCTION app.tenant_caught() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_setting('app.tenant_id')::uuid;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;
CREATE FUNCTION app.tenant_or_user() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('app.mode', true) = 'support' THEN
        RETURN nullif(current_setting('app.user_id', true), '')::uuid;
    END IF;
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;
END $$;
CREATE FUNCTION app.tenant_through() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT app.tenant() $$;
CREATE FUNCTION app.setting_of(name text) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting(name, true), '') $$;
CREATE FUNCTION app.setting_below(name text) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.' || name, true), '') $$;
CREATE FUNCTION app.someone() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
CREATE FUNCTION app.is_mine(given uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT given = app.tenant() $$;
CREATE FUNCTION app.is_mine_numbered(uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT app.tenant() = $1 $$;
CREATE FUNCTION app.is_mine_block(given uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF given IS NULL THEN
        RETURN false;
    END IF;
    RETURN given = app.tenant();
END $$;
CREATE FUNCTION app.is_mine_or_public(given uuid, open boolean) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT given = app.tenant() OR open $$;
CREATE FUNCTION app.is_anything(given uuid) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT given IS NOT NULL $$;
CREATE FUNCTION app.is_member(given uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT 1 FROM public.members m WHERE m.tenant_id = given AND m.user_id = app.someone()) $$;
CREATE FUNCTION app.same(one uuid, other uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT one = other $$;
CREATE FUNCTION app.pick(one uuid, other uuid) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT other $$;
CREATE FUNCTION app.mine_ids() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$ SELECT app.tenant() $$;
CREATE FUNCTION app.all_ids() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$ SELECT id FROM public.tenants $$;
CREATE FUNCTION app.admin() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT coalesce(current_setting('app.mode', true), '') = 'support' $$;
CREATE FUNCTION app.is_set() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT app.tenant() IS NOT NULL $$;
CREATE FUNCTION app.is_unset() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT app.tenant() IS NULL $$;

CREATE FUNCTION app.is_mine_case(given uuid, how text DEFAULT 'strict') RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE how
        WHEN 'strict' THEN RETURN given = app.tenant();
        WHEN 'never' THEN RETURN false;
    END CASE;
END $$;
CREATE FUNCTION app.tenant_read() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    found uuid;
BEGIN
    SELECT t.id INTO found FROM public.tenants t WHERE t.id = app.tenant();
    RETURN found;
END $$;
CREATE FUNCTION app.tenant_of_anybody() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    found uuid;
BEGIN
    SELECT max(m.tenant_id::text)::uuid INTO STRICT found FROM public.members m;
    RETURN found;
END $$;
CREATE FUNCTION app.mine_next() RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NEXT app.tenant();
    RAISE DEBUG 'one';
    NULL;
    RETURN;
END $$;
CREATE FUNCTION app.mine_query() RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT t.id FROM public.tenants t WHERE t.id = app.tenant();
END $$;
CREATE FUNCTION app.all_looped() RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT t.id FROM public.tenants t LOOP
        RETURN NEXT one.id;
    END LOOP;
END $$;
CREATE FUNCTION app.checked(given uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF given IS DISTINCT FROM app.tenant() THEN
        RAISE EXCEPTION 'not yours';
    ELSIF given IS NULL THEN
        RETURN false;
    ELSE
        RETURN true;
    END IF;
END $$;
CREATE FUNCTION app.strict_same(one uuid, other uuid) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT one = other $$;
CREATE FUNCTION app.strict_true(given uuid) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT true $$;
CREATE FUNCTION app.two_steps() RETURNS uuid LANGUAGE sql VOLATILE
    AS $$ SELECT 1; SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION app.in_the_body(tenant_id uuid) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT EXISTS (SELECT FROM public.members WHERE tenant_id = tenant_id) $$;
CREATE FUNCTION app.out_of_it(given uuid) RETURNS boolean LANGUAGE internal IMMUTABLE AS 'boolin';
DROP FUNCTION app.out_of_it(uuid);
CREATE VIEW app.my_tenants AS SELECT id FROM public.tenants WHERE id = app.tenant();
GRANT SELECT ON app.my_tenants TO app_rw;

-- Predicates, one a paragraph. After `--` what is so of each: `leaks` (rows of another tenant are seen although a
-- tenant is set), `open` (rows are seen without a tenant), `raises` (an error without a tenant), or `safe`. And
-- `suspected`: policy-ignores-tenant reports it although it does not leak, for it compares the tenant otherwise than for
-- equality.

-- raises
tenant_id = current_setting('app.tenant_id')::uuid

-- raises
tenant_id = current_setting('app.tenant_id', true)::uuid

-- safe
tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid

-- safe
nullif(current_setting('app.tenant_id', true), '')::uuid = tenant_id

-- safe
tenant_id = CAST(nullif(current_setting('app.tenant_id', true), '') AS uuid)

-- safe
((tenant_id)) = ((nullif(pg_catalog.current_setting('app.tenant_id', true), ''))::uuid)

-- safe
tenant_id::text = current_setting('app.tenant_id', true)

-- safe
tenant_id::text = lower(current_setting('app.tenant_id', true))

-- safe
tenant_id::text = coalesce(current_setting('app.tenant_id', true), '')

-- safe
coalesce(tenant_id::text = current_setting('app.tenant_id', true), false)

-- raises
tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid)

-- safe
tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)

-- safe
tenant_id IN (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)

-- safe
tenant_id = ANY (ARRAY[nullif(current_setting('app.tenant_id', true), '')::uuid])

-- safe
tenant_id = ANY (ARRAY(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))

-- safe
tenant_id IN (nullif(current_setting('app.tenant_id', true), '')::uuid)

-- safe
tenant_id IS NOT DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid

-- safe
NOT (tenant_id <> nullif(current_setting('app.tenant_id', true), '')::uuid)

-- safe
NOT (tenant_id IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid)

-- safe
(tenant_id = app.tenant()) IS TRUE

-- safe
(tenant_id = app.tenant()) = true

-- safe
NOT NOT tenant_id = app.tenant()

-- safe
(tenant_id, is_public) = (app.tenant(), true)

-- safe
(is_public, tenant_id) IN ((true, app.tenant()))

-- safe, suspected
tenant_id BETWEEN app.tenant() AND app.tenant()

-- safe
tenant_id = app.tenant()

-- safe
tenant_id = app.tenant_atomic()

-- safe
tenant_id = app.tenant_begin()

-- safe
tenant_id = app.tenant_block()

-- safe
tenant_id = app.tenant_variable()

-- raises on purpose
tenant_id = app.tenant_loud()

-- safe
tenant_id = app.tenant_caught()

-- safe
tenant_id = app.tenant_through()

-- safe
tenant_id = (SELECT app.tenant())

-- safe
tenant_id IN (SELECT app.tenant())

-- safe
tenant_id IN (SELECT app.mine_ids())

-- safe
tenant_id IN (SELECT * FROM app.mine_ids())

-- safe
tenant_id = app.setting_of('app.tenant_id')::uuid

-- safe
tenant_id = app.setting_below('tenant_id')::uuid

-- leaks
tenant_id = app.setting_of('app.user_id')::uuid

-- leaks
tenant_id = app.setting_below('user_id')::uuid

-- leaks
tenant_id = app.someone()

-- leaks
tenant_id = app.tenant_or_user()

-- safe
app.is_mine(tenant_id)

-- safe
app.is_mine_numbered(tenant_id)

-- safe
app.is_mine_block(tenant_id)

-- safe
app.is_mine(given => tenant_id)

-- leaks
app.is_mine(user_id)

-- leaks
app.is_mine_or_public(tenant_id, is_public)

-- leaks
app.is_anything(tenant_id)

-- safe
app.same(tenant_id, app.tenant())

-- safe
app.same(other => tenant_id, one => app.tenant())

-- leaks
app.same(tenant_id, app.someone())

-- leaks
app.same(tenant_id, tenant_id)

-- safe
tenant_id = app.pick(app.someone(), app.tenant())

-- leaks
tenant_id = app.pick(app.tenant(), app.someone())

-- leaks
app.is_member(tenant_id)

-- leaks
true

-- leaks
tenant_id IS NOT NULL

-- leaks
tenant_id = tenant_id

-- leaks
app.tenant() IS NOT DISTINCT FROM app.tenant()

-- leaks
app.tenant() IS NOT NULL

-- leaks
app.is_set()

-- safe
false

-- safe
NULL::boolean

-- leaks
current_user = 'app_rw'

-- leaks
tenant_id <> app.tenant()

-- leaks
NOT tenant_id = app.tenant()

-- leaks
tenant_id >= app.tenant()

-- leaks
tenant_id IS DISTINCT FROM app.tenant()

-- leaks
tenant_id::text LIKE current_setting('app.pattern', true)

-- leaks
user_id = app.tenant()

-- leaks
tenant_id = current_setting('app.tenant', true)::uuid

-- leaks
tenant_id = current_setting('app.user_id', true)::uuid

-- safe
tenant_id = app.tenant() AND is_public

-- safe
is_public AND (kind = 'x' AND tenant_id = app.tenant())

-- leaks
tenant_id = app.tenant() OR is_public

-- leaks
is_public OR (kind = 'x' AND tenant_id = app.tenant())

-- safe
(is_public AND tenant_id = app.tenant()) OR (NOT is_public AND tenant_id = app.tenant())

-- safe
tenant_id = app.tenant() AND (is_public OR user_id = app.someone())

-- leaks
tenant_id = app.tenant() OR user_id = app.someone()

-- leaks
tenant_id = app.tenant() OR app.admin()

-- leaks
tenant_id = app.tenant() OR current_setting('app.mode', true) = 'support'

-- safe
(is_public OR kind = 'x') AND (is_public OR kind = 'y') AND tenant_id = app.tenant()

-- safe
NOT (tenant_id <> app.tenant() OR is_public)

-- leaks
NOT (tenant_id <> app.tenant() AND is_public)

-- leaks
NOT (tenant_id = app.tenant() AND is_public)

-- leaks
NOT (tenant_id = app.tenant() OR is_public)

-- safe
NOT (tenant_id IS DISTINCT FROM app.tenant() OR kind IS NULL)

-- safe
tenant_id = app.tenant() OR false

-- leaks
tenant_id = app.tenant() OR true

-- safe
CASE WHEN is_public THEN tenant_id = app.tenant() ELSE false END

-- safe
CASE WHEN is_public THEN tenant_id = app.tenant() END

-- leaks
CASE WHEN is_public THEN tenant_id = app.tenant() ELSE true END

-- leaks
CASE WHEN is_public THEN true ELSE tenant_id = app.tenant() END

-- safe
CASE WHEN tenant_id = app.tenant() THEN true ELSE false END

-- safe
CASE WHEN tenant_id = app.tenant() THEN is_public ELSE false END

-- safe
CASE tenant_id WHEN app.tenant() THEN true ELSE false END

-- leaks
CASE WHEN app.admin() THEN true ELSE tenant_id = app.tenant() END

-- safe
tenant_id = CASE WHEN app.admin() THEN app.tenant() ELSE app.tenant_block() END

-- leaks
tenant_id = CASE WHEN app.admin() THEN app.someone() ELSE app.tenant() END

-- leaks
tenant_id = coalesce(app.someone(), app.tenant())

-- leaks
tenant_id = coalesce(app.tenant(), tenant_id) OR kind = 'y'

-- open
tenant_id = coalesce(app.tenant(), tenant_id)

-- open
tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), '')::uuid, tenant_id)

-- open
coalesce(tenant_id = app.tenant(), true)

-- open
coalesce(tenant_id::text = nullif(current_setting('app.tenant_id', true), ''), true)

-- open
tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), ''), '00000000-0000-0000-0000-00000000000a')::uuid

-- open
tenant_id::text = coalesce(nullif(current_setting('app.tenant_id', true), ''), '00000000-0000-0000-0000-00000000000a')

-- open
app.tenant() IS NULL OR tenant_id = app.tenant()

-- open
nullif(current_setting('app.tenant_id', true), '') IS NULL OR tenant_id = app.tenant()

-- open
current_setting('app.tenant_id', true) IS NULL OR tenant_id = app.tenant()

-- open
coalesce(current_setting('app.tenant_id', true), '') = '' OR tenant_id = app.tenant()

-- open
current_setting('app.tenant_id', true) = '' OR tenant_id = app.tenant()

-- open
app.is_unset() OR tenant_id = app.tenant()

-- open
NOT app.is_set() OR tenant_id = app.tenant()

-- open
(tenant_id = app.tenant()) IS NOT FALSE

-- open
(tenant_id <> app.tenant()) IS NOT TRUE

-- open
NOT coalesce(tenant_id <> app.tenant(), false)

-- open
length(coalesce(current_setting('app.tenant_id', true), '')) = 0 OR tenant_id = app.tenant()

-- open
CASE WHEN app.tenant() IS NULL THEN true ELSE tenant_id = app.tenant() END

-- open
CASE WHEN coalesce(current_setting('app.tenant_id', true), '') <> '' THEN tenant_id = app.tenant() ELSE true END

-- safe
CASE WHEN app.tenant() IS NULL THEN false ELSE tenant_id = app.tenant() END

-- safe
app.tenant() IS NOT NULL AND tenant_id = app.tenant()

-- leaks
app.tenant() IS NOT NULL OR tenant_id = app.tenant()

-- raises
current_setting('app.tenant_id', true)::uuid = tenant_id AND is_public

-- safe
EXISTS (SELECT 1 FROM tenants t WHERE t.id = tenant_id AND t.id = app.tenant())

-- safe
EXISTS (SELECT FROM tenants t WHERE t.id = app.tenant() AND tenant_id = t.id)

-- leaks
EXISTS (SELECT FROM tenants t WHERE t.id = app.tenant())

-- leaks
EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id)

-- leaks
EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id OR t.id = app.tenant())

-- leaks
NOT EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.id = app.tenant())

-- safe
tenant_id IN (SELECT id FROM tenants WHERE id = app.tenant())

-- safe
tenant_id = ANY (SELECT t.id FROM tenants t WHERE t.id = app.tenant())

-- safe
tenant_id = (SELECT t.id FROM tenants t WHERE t.id = app.tenant())

-- leaks
tenant_id IN (SELECT id FROM tenants)

-- leaks
tenant_id IN (SELECT id FROM tenants WHERE id = app.tenant() OR id = app.someone())

-- leaks
tenant_id NOT IN (SELECT id FROM tenants WHERE id = app.tenant())

-- leaks
tenant_id IN (SELECT app.all_ids())

-- leaks
tenant_id IN (SELECT app.tenant() UNION SELECT app.someone())

-- leaks
tenant_id IN (SELECT tenant_id FROM members WHERE user_id = app.someone())

-- safe
tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.user_id = app.someone() AND m.tenant_id = app.tenant())

-- safe
tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.user_id = app.someone()) AND tenant_id = app.tenant()

-- leaks
tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.user_id = app.someone()) OR tenant_id = app.tenant()

-- leaks
EXISTS (SELECT FROM members m WHERE m.tenant_id = tenant_id AND m.user_id = app.someone())

-- leaks
EXISTS (SELECT FROM members m WHERE m.tenant_id = app.tenant())

-- leaks
EXISTS (SELECT FROM members m WHERE m.tenant_id = app.tenant() AND m.user_id = app.someone())

-- safe
EXISTS (SELECT FROM members m WHERE m.tenant_id = {table}.tenant_id AND m.tenant_id = app.tenant())

-- leaks
EXISTS (SELECT FROM members m WHERE m.tenant_id = {table}.tenant_id OR m.tenant_id = app.tenant())

-- safe
parent_id IN (SELECT l.parent_id FROM lookup l WHERE l.tenant_id = app.tenant())

-- safe
EXISTS (SELECT FROM lookup l WHERE l.parent_id = {table}.parent_id AND l.tenant_id = app.tenant())

-- leaks
EXISTS (SELECT FROM lookup l WHERE l.tenant_id = app.tenant() AND l.parent_id IS NOT NULL)

-- safe
EXISTS (SELECT FROM lookup l JOIN tenants t ON t.id = l.tenant_id WHERE l.parent_id = {table}.parent_id AND t.id = app.tenant())

-- safe
EXISTS (SELECT FROM lookup l JOIN tenants t ON t.id = l.tenant_id AND t.id = app.tenant() WHERE l.parent_id = {table}.parent_id)

-- leaks
EXISTS (SELECT FROM lookup l LEFT JOIN tenants t ON t.id = l.tenant_id AND t.id = app.tenant() WHERE l.parent_id = {table}.parent_id)

-- safe
tenant_id IN (WITH mine AS (SELECT app.tenant() AS id) SELECT id FROM mine)

-- safe
tenant_id = (SELECT mine.id FROM (SELECT app.tenant() AS id) mine)

-- leaks
tenant_id = (SELECT max(t.id::text)::uuid FROM tenants t)

-- leaks
(SELECT count(*) FROM tenants WHERE id = app.tenant()) = 1

-- safe
account = current_setting('app.tenant_id', true) AND tenant_id::text = account

-- leaks
account = current_setting('app.other', true)

-- raises
tenant_id = (current_setting('app.claims', true)::json ->> 'tenant_id')::uuid AND tenant_id = app.tenant()

-- open, suspected
starts_with(tenant_id::text, current_setting('app.tenant_id', true))

-- open, suspected
tenant_id::text LIKE current_setting('app.tenant_id', true) || '%'

-- leaks
position(current_setting('app.tenant_id', true) IN tenant_id::text) >= 0

-- leaks
left(tenant_id::text, 8) = left(current_setting('app.tenant_id', true), 8)

-- leaks
greatest(tenant_id, app.tenant()) = tenant_id

-- leaks
tenant_id = greatest(app.tenant(), app.someone())

-- leaks
tenant_id = ANY (ARRAY[app.tenant(), app.someone()])

-- leaks
tenant_id IN (app.tenant(), app.someone())

-- leaks
tenant_id = ALL (ARRAY[]::uuid[])

-- safe
tenant_id = ALL (ARRAY[app.tenant()])

-- leaks
tenant_id <> ALL (ARRAY[app.tenant()])

-- leaks
tenant_id = ANY (string_to_array(current_setting('app.tenant_ids', true), ',')::uuid[])

-- leaks
current_setting('app.tenant_id', true) IS NOT DISTINCT FROM current_setting('app.tenant_id', true) AND tenant_id IS NOT NULL

-- safe
app.is_mine_case(tenant_id)

-- safe
app.is_mine_case(tenant_id, 'never')

-- safe
app.is_mine_case(how => 'strict', given => tenant_id)

-- safe
tenant_id = app.tenant_read()

-- leaks
tenant_id = app.tenant_of_anybody()

-- safe
tenant_id IN (SELECT app.mine_next())

-- safe
tenant_id IN (SELECT * FROM app.mine_query() AS mine (id))

-- leaks
tenant_id IN (SELECT app.all_looped())

-- safe
app.strict_same(tenant_id, app.tenant())

-- leaks
app.strict_true(app.tenant())

-- safe
tenant_id = app.two_steps()

-- leaks
app.in_the_body(tenant_id)

-- safe, suspected
tenant_id IN (SELECT id FROM app.my_tenants)

-- safe
tenant_id IN (VALUES (app.tenant()))

-- leaks
tenant_id IN (VALUES (app.tenant()), (app.someone()))

-- safe
tenant_id IN (SELECT app.tenant() INTERSECT SELECT id FROM tenants)

-- safe
tenant_id IN (SELECT id FROM tenants WHERE id = app.tenant() UNION ALL SELECT app.tenant())

-- safe
(tenant_id, user_id) IN (SELECT app.tenant(), app.someone())

-- leaks
(tenant_id, user_id) IN (SELECT m.tenant_id, m.user_id FROM members m)

-- leaks
tenant_id >= ALL (SELECT app.tenant())

-- leaks
tenant_id > ANY (SELECT '00000000-0000-0000-0000-000000000001'::uuid)

-- safe
tenant_id = ANY (SELECT t.id FROM tenants t JOIN members m ON m.tenant_id = t.id WHERE m.tenant_id = app.tenant())

-- safe
tenant_id IN (SELECT l.tenant_id FROM lookup l JOIN members m USING (tenant_id) WHERE m.tenant_id = app.tenant())

-- leaks
tenant_id IN (SELECT t.id FROM tenants t RIGHT JOIN members m ON m.tenant_id = t.id AND t.id = app.tenant())
    OR tenant_id IN (SELECT m.tenant_id FROM tenants t RIGHT JOIN members m ON t.id = app.tenant())

-- leaks
tenant_id IN (SELECT coalesce(t.id, m.tenant_id) FROM tenants t FULL JOIN members m ON t.id = m.tenant_id)

-- safe
EXISTS (SELECT FROM (SELECT t.* FROM tenants t) AS mine WHERE mine.id = tenant_id AND mine.id = app.tenant())

-- safe
EXISTS (SELECT FROM (SELECT t.id FROM tenants t) AS mine (number) WHERE mine.number = tenant_id AND number = app.tenant())

-- safe
tenant_id IN (WITH mine AS (SELECT id FROM tenants), own AS (SELECT id FROM mine WHERE id = app.tenant()) SELECT id FROM own)

-- leaks
tenant_id IN (SELECT m.tenant_id FROM members m GROUP BY m.tenant_id HAVING count(*) > 0)

-- leaks
kind = ANY (SELECT min(kind) FROM unnest(ARRAY['x', 'y']) AS kinds (kind))

-- leaks
EXISTS (SELECT FROM generate_series(1, 2) AS numbers (n) WHERE n > 1)

-- safe
tenant_id::text = current_setting('app.tenant_id', true) COLLATE "C"

-- safe
tenant_id::text = least(current_setting('app.tenant_id', true), current_setting('app.tenant_id', true))

-- safe
tenant_id::text = (string_to_array(current_setting('app.tenant_id', true), ','))[1]

-- safe
tenant_id::text = ANY (string_to_array(current_setting('app.tenant_id', true), ','))

-- leaks
tenant_id::text = (ARRAY[current_setting('app.other', true), 'x'])[1]

-- safe
'tenant/' || tenant_id::text = 'tenant/' || current_setting('app.tenant_id', true) AND tenant_id = app.tenant()

-- leaks
is_public IS NOT UNKNOWN

-- leaks
(is_public AND kind IS NULL) IS UNKNOWN OR is_public

-- safe
is_public IS UNKNOWN AND tenant_id = app.tenant()

-- leaks
is_public::text = 'true'

-- safe
'f'::boolean

-- leaks
'on'::boolean

-- leaks
tenant_id = '00000000-0000-0000-0000-00000000000B'::uuid

-- safe
app.tenant() IS NULL AND tenant_id = app.tenant()

-- safe
length(current_setting('app.tenant_id', true)) > 0 AND tenant_id = app.tenant()

-- leaks
length(kind) > 0

-- leaks
length(NULL) IS NULL

-- leaks
'ab' || 'c' = 'abc'

-- leaks
num_nonnulls(app.tenant(), user_id) >= 1

-- safe
num_nulls(NULL, app.tenant()) = 2 AND tenant_id = app.tenant()

-- leaks
CASE WHEN is_public THEN 'x' ELSE 'y' END = 'y' AND NOT is_public

-- leaks
NOT (NULL::boolean AND is_public) OR is_public

-- leaks
NOT EXISTS (SELECT FROM tenants WHERE id = app.someone() AND false)

-- leaks
EXISTS (SELECT count(*) FROM tenants WHERE false)

-- safe
NOT EXISTS (SELECT app.tenant()) OR tenant_id = app.tenant()

-- leaks
NOT EXISTS (SELECT WHERE app.tenant() IS NULL)
