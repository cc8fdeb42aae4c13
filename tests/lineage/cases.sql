-- Queries and where their columns come from: `name: source; source | null` with `?` before what only decides.
SELECT id, amount AS cents FROM orders;
--> id: orders.id | never
--> cents: orders.amount | never
SELECT * FROM refunds;
--> id: refunds.id | never
--> order_id: refunds.order_id | refunds.order_id is nullable
--> amount: refunds.amount | never
--> reason: refunds.reason | refunds.reason is nullable
SELECT total, checked, lax, net FROM orders;
--> total: orders.total | never
--> checked: orders.checked | never
--> lax: orders.lax | orders.lax is nullable
--> net: orders.net | orders.net is nullable
SELECT amount / 100.0 AS money, amount::float8 / 100 AS inexact, amount::numeric(12,2) AS exact FROM orders;
--> money: orders.amount, cast numeric, operator / | never
--> inexact: orders.amount, cast double precision, operator / | never
--> exact: orders.amount, cast numeric(12,2) | never
SELECT sum(amount) AS total, count(fee) AS fees, count(*) AS n, avg(fee)::float8 AS mean FROM orders;
--> total: orders.amount, aggregate sum | sum() over no rows
--> fees: orders.fee, aggregate count | never
--> n: | never
--> mean: orders.fee, aggregate avg, cast double precision | avg() over no rows
--rows:
SELECT tenant, sum(amount) AS total, sum(fee) AS fees, array_agg(note) AS notes, max(amount) FILTER (WHERE fee > 0) AS most FROM orders WHERE status = 'paid' GROUP BY tenant;
--> tenant: orders.tenant | never
--> total: orders.amount, aggregate sum | never
--> fees: orders.fee, aggregate sum | orders.fee is nullable
--> notes: orders.note, aggregate array_agg | never
--> most: orders.amount, aggregate max; ?orders.fee | max() over rows of which FILTER may leave none
--rows: orders.tenant, orders.status
SELECT coalesce(sum(amount), 0) AS total, coalesce(max(fee), min(fee)) AS fee FROM orders;
--> total: orders.amount, aggregate sum, coalesce | never
--> fee: orders.fee, aggregate max, aggregate min, coalesce | max() over no rows
SELECT CASE WHEN status = 'paid' THEN amount WHEN note IS NULL THEN fee END AS a, CASE status WHEN 'paid' THEN amount ELSE 0 END AS b FROM orders;
--> a: orders.amount, case; orders.fee, case; ?orders.status; ?orders.note | orders.fee is nullable
--> b: orders.amount, case; ?orders.status | never
SELECT CASE WHEN status = 'paid' THEN 1 END AS a, CASE WHEN fee IS NULL THEN 0 ELSE fee END AS b, CASE WHEN fee > 0 THEN fee ELSE 0 END AS c FROM orders;
--> a: ?orders.status | CASE without ELSE
--> b: orders.fee, case; ?orders.fee | never
--> c: orders.fee, case; ?orders.fee | never
SELECT CASE WHEN fee > 0 THEN 1 ELSE fee END AS a, CASE WHEN fee IS NULL OR note IS NULL THEN 0 ELSE fee END AS b FROM orders;
--> a: orders.fee, case; ?orders.fee | orders.fee is nullable
--> b: orders.fee, case; ?orders.fee; ?orders.note | never
SELECT o.id, r.amount, r.reason FROM orders o LEFT JOIN refunds r ON r.order_id = o.id;
--> id: orders.id | never
--> amount: refunds.amount | an outer join
--> reason: refunds.reason | an outer join
--rows: orders.id, refunds.order_id
SELECT o.id, r.amount FROM orders o LEFT JOIN refunds r ON r.order_id = o.id WHERE r.amount > 5;
--> id: orders.id | never
--> amount: refunds.amount | never
SELECT o.id, r.amount FROM orders o LEFT JOIN refunds r ON r.order_id = o.id WHERE r.amount > 5 OR o.id > 1;
--> id: orders.id | never
--> amount: refunds.amount | an outer join
SELECT o.id, r.reason, t.name FROM orders o LEFT JOIN (refunds r JOIN tenants t ON t.id = r.id) ON r.order_id = o.id WHERE t.plan IS NOT NULL;
--> id: orders.id | never
--> reason: refunds.reason | refunds.reason is nullable
--> name: tenants.name | never
SELECT o.id, r.amount FROM orders o RIGHT JOIN refunds r ON r.order_id = o.id;
--> id: orders.id | an outer join
--> amount: refunds.amount | never
SELECT id, o.amount, r.amount AS refunded FROM orders o FULL JOIN refunds r USING (id);
--> id: orders.id, coalesce; refunds.id, coalesce | never
--> amount: orders.amount | an outer join
--> refunded: refunds.amount | an outer join
--rows: orders.id, refunds.id
SELECT amount, id FROM orders NATURAL JOIN refunds;
--> amount: orders.amount | never
--> id: orders.id | never
--rows: orders.id, orders.amount, refunds.id, refunds.amount
SELECT id, amount FROM refunds RIGHT JOIN orders USING (id, amount);
--> id: orders.id | never
--> amount: orders.amount | never
SELECT x.a, x.b FROM (orders o JOIN channels c ON c.code = o.channel) AS x (a, b, c);
--> a: orders.id | never
--> b: orders.tenant | never
SELECT channel FROM orders WHERE channel <> '' AND note IS NOT NULL;
--> channel: orders.channel | never
SELECT channel, note FROM orders WHERE channel IN ('a', 'b') AND NOT (note IS NULL OR fee IS NULL);
--> channel: orders.channel | never
--> note: orders.note | never
SELECT fee FROM orders WHERE (fee > 1) IS TRUE;
--> fee: orders.fee | never
SELECT fee FROM orders WHERE (fee > 1) IS NOT FALSE;
--> fee: orders.fee | orders.fee is nullable
SELECT fee FROM orders WHERE (fee > 1) IS NOT UNKNOWN;
--> fee: orders.fee | never
SELECT channel FROM orders WHERE channel IN (SELECT code FROM channels);
--> channel: orders.channel | never
--rows: channels.code, orders.channel
SELECT channel FROM orders WHERE channel NOT IN (SELECT code FROM channels);
--> channel: orders.channel | orders.channel is nullable
SELECT s.cents, s.who FROM (SELECT amount AS cents, upper(note) AS who FROM orders WHERE fee > 0) s;
--> cents: orders.amount | never
--> who: orders.note, function upper | orders.note is nullable
--rows: orders.fee
WITH a AS (SELECT id, amount FROM orders), b (x, y) AS (SELECT a.amount, a.id FROM a WHERE a.id > 1) SELECT x + y AS s, y FROM b;
--> s: orders.amount, operator +; orders.id, operator + | never
--> y: orders.id | never
WITH RECURSIVE r (a, b, n) AS (SELECT id, order_id, 0 FROM refunds UNION ALL SELECT r.b, r.a, r.n + 1 FROM r WHERE r.n < 3) SELECT a, b, n FROM r;
--> a: refunds.id; refunds.order_id | refunds.order_id is nullable
--> b: refunds.order_id; refunds.id | refunds.order_id is nullable
--> n: | never
--rows:
WITH RECURSIVE r AS (SELECT id, amount::numeric AS worth FROM orders UNION SELECT r.id + 1, r.worth / 2 FROM r JOIN refunds f ON f.order_id = r.id) SELECT * FROM r;
--> id: orders.id, operator + | never
--> worth: orders.amount, cast numeric, operator / | never
--rows: orders.id, orders.amount, refunds.order_id
SELECT t.name, l.amount FROM tenants t, LATERAL (SELECT o.amount + t.id AS amount FROM orders o WHERE o.tenant = t.id ORDER BY o.placed LIMIT 1) l;
--> name: tenants.name | never
--> amount: orders.amount, operator +; tenants.id, operator + | never
--rows: tenants.id, orders.tenant, orders.placed
SELECT t.name, (SELECT o.amount FROM orders o WHERE o.tenant = t.id LIMIT 1) AS one, (SELECT count(*) FROM orders o WHERE o.tenant = t.id) AS n, ARRAY(SELECT o.note FROM orders o) AS notes, EXISTS (SELECT FROM orders o WHERE o.fee = t.id) AS some FROM tenants t;
--> name: tenants.name | never
--> one: orders.amount; ?tenants.id; ?orders.tenant | a sub-select that may find no row
--> n: ?tenants.id; ?orders.tenant | never
--> notes: orders.note, array | never
--> some: ?tenants.id; ?orders.fee | never
--rows:
SELECT (SELECT max(r.amount) FROM refunds r WHERE r.order_id = o.id) AS a, o.id = ANY (SELECT order_id FROM refunds) AS b, (SELECT 1) AS c FROM orders o;
--> a: refunds.amount, aggregate max; ?orders.id; ?refunds.order_id | max() over no rows
--> b: orders.id, operator = ANY; refunds.order_id, operator = ANY | refunds.order_id is nullable
--> c: | never
SELECT id FROM orders UNION ALL SELECT order_id FROM refunds;
--> id: orders.id; refunds.order_id | refunds.order_id is nullable
--rows:
SELECT amount AS a FROM orders UNION SELECT 0.5::float8 UNION ALL SELECT amount FROM refunds;
--> a: orders.amount, cast double precision; refunds.amount, cast double precision | never
--rows: orders.amount
SELECT id FROM orders EXCEPT SELECT order_id FROM refunds;
--> id: orders.id; ?refunds.order_id | never
--rows: orders.id, refunds.order_id
SELECT order_id FROM refunds INTERSECT SELECT id FROM orders;
--> order_id: refunds.order_id; orders.id | never
SELECT order_id FROM refunds UNION SELECT NULL ORDER BY 1 LIMIT 2;
--> order_id: refunds.order_id | refunds.order_id is nullable
SELECT column1 AS a, column2 AS b FROM (VALUES (1, 'x'), (2, NULL)) v;
--> a: | never
--> b: | NULL
SELECT o.id, v.n FROM orders o, LATERAL (VALUES (o.amount), (o.fee)) v (n);
--> id: orders.id | never
--> n: orders.amount; orders.fee | orders.fee is nullable
SELECT o.id, tag, g, p.n FROM orders o, unnest(o.tags) tag, generate_series(1, o.tenant) g, unnest(o.tags) WITH ORDINALITY p (t, n);
--> id: orders.id | never
--> tag: orders.tags, function unnest | unnest()?
--> g: orders.tenant, function generate_series | never
--> n: | never
--rows: orders.tenant, orders.tags
SELECT cents, tenant, channel FROM paid;
--> cents: orders.amount, view public.paid | never
--> tenant: orders.tenant, view public.paid | never
--> channel: orders.channel, view public.paid | orders.channel is nullable
--rows: orders.status
SELECT t.name, p.total::float8 / 100 AS money, p.n FROM tenants t LEFT JOIN paid_by_tenant p ON p.tenant = t.id;
--> name: tenants.name | never
--> money: orders.amount, view public.paid, aggregate sum, view public.paid_by_tenant, cast double precision, operator / | an outer join
--> n: | an outer join
--rows: tenants.id, orders.tenant, orders.status
SELECT tenant, channel, grouping(channel) AS g, sum(amount) AS total FROM orders GROUP BY tenant, ROLLUP (channel);
--> tenant: orders.tenant | never
--> channel: orders.channel | a grouping set that leaves it out
--> g: ?orders.channel | never
--> total: orders.amount, aggregate sum | sum() over no rows
SELECT tenant, status, sum(tenant) AS s FROM orders GROUP BY GROUPING SETS ((tenant, status), (tenant));
--> tenant: orders.tenant | never
--> status: orders.status | a grouping set that leaves it out
--> s: orders.tenant, aggregate sum | sum() over no rows
SELECT id, row_number() OVER (PARTITION BY tenant ORDER BY placed) AS n, sum(amount) OVER (ORDER BY placed) AS running, lag(amount) OVER w AS a, lag(amount, 1, 0) OVER w AS b, first_value(amount) OVER w AS c, nth_value(amount, 2) OVER w AS d, sum(amount) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS e FROM orders WINDOW w AS (ORDER BY id);
--> id: orders.id | never
--> n: ?orders.tenant; ?orders.placed | never
--> running: orders.amount, window sum; ?orders.placed | never
--> a: orders.amount, window lag; ?orders.id | lag() beyond the partition
--> b: orders.amount, window lag; ?orders.id | never
--> c: orders.amount, window first_value; ?orders.id | never
--> d: orders.amount, window nth_value; ?orders.id | nth_value() over a frame that may be too short
--> e: orders.amount, window sum; ?orders.id | the frame of sum()?
SELECT DISTINCT ON (tenant) tenant, amount FROM orders ORDER BY tenant, placed DESC;
--> tenant: orders.tenant | never
--> amount: orders.amount | never
--rows: orders.tenant, orders.placed
SELECT nullif(amount, 0) AS a, greatest(fee, amount) AS b, least(fee, fee) AS c, amount IS DISTINCT FROM fee AS d, fee IS NULL AS e, (fee > 0) IS TRUE AS f FROM orders;
--> a: orders.amount, operator NULLIF | NULLIF
--> b: orders.fee, function greatest; orders.amount, function greatest | never
--> c: orders.fee, function least | orders.fee is nullable
--> d: orders.amount, operator IS DISTINCT FROM; orders.fee, operator IS DISTINCT FROM | never
--> e: orders.fee, operator IS NULL | never
--> f: orders.fee, operator >, operator IS TRUE | never
SELECT fee > 0 AND note = 'x' AS a, NOT (status = 'x') AS b, status = ANY (tags) AS c, ROW(amount, fee) < ROW(1, 2) AS d FROM orders;
--> a: orders.fee, operator >, operator AND; orders.note, operator =, operator AND | orders.fee is nullable
--> b: orders.status, operator =, operator NOT | never
--> c: orders.status, operator = ANY; orders.tags, operator = ANY | ScalarArrayOpExpr is not followed?
--> d: orders.amount, operator <; orders.fee, operator < | RowCompareExpr is not followed?
SELECT tags[1] AS a, tags[id] AS b, ARRAY[amount, fee] AS c, (home).city AS d, o AS e, (o).note AS f FROM orders o;
--> a: orders.tags, subscript | a subscript that may find nothing
--> b: orders.tags, subscript; ?orders.id | a subscript that may find nothing
--> c: orders.amount, array; orders.fee, array | never
--> d: orders.home, field city | orders.home is nullable
--> e: orders.id, row; orders.tenant, row; orders.channel, row; orders.amount, row; orders.fee, row; orders.tags, row; orders.placed, row; orders.note, row; orders.status, row; orders.home, row; orders.data, row; orders.total, row; orders.checked, row; orders.lax, row; orders.net, row | never
--> f: orders.note | orders.note is nullable
SELECT (s.x).amount AS a, (s.y).f2 AS b FROM (SELECT o AS x, ROW(o.id, o.fee) AS y FROM orders o) s;
--> a: orders.amount | never
--> b: orders.fee | orders.fee is nullable
SELECT data ->> 'a' AS a, (data ->> 'n')::int AS b, lower(note) || status AS c, now() AS d, current_date AS e, to_char(placed, 'YYYY') AS f, round(amount) AS g FROM orders;
--> a: orders.data, operator ->> | orders.data is nullable
--> b: orders.data, operator ->>, cast integer | orders.data is nullable
--> c: orders.note, function lower, operator ||; orders.status, operator || | orders.note is nullable
--> d: | never
--> e: | never
--> f: orders.placed, function to_char | never
--> g: orders.amount, cast double precision, function round | never
SELECT jsonb_build_object('a', amount) -> 'a' AS a, jsonb_build_object('a', fee) AS b, substring(status from '[a-z]+') AS c, status || note AS d FROM orders;
--> a: orders.amount, function jsonb_build_object, operator -> | the operator ->?
--> b: orders.fee, function jsonb_build_object | never
--> c: orders.status, function substring | substring()?
--> d: orders.status, operator ||; orders.note, operator || | orders.note is nullable
SELECT fees(t.id) AS a, doubled(o.amount) AS b, worth(o) AS c, label_of(o.channel) AS d, looked_up(o.id) AS e, tripled(o.fee) AS f, same(o.fee) AS g FROM tenants t JOIN orders o ON o.tenant = t.id;
--> a: orders.fee, aggregate sum, cast bigint, function public.fees; ?tenants.id; ?orders.tenant | fees()?
--> b: orders.amount, operator *, function public.doubled | doubled()?
--> c: orders.amount, operator +, function public.worth; orders.fee, operator +, function public.worth | worth()?
--> d: channels.label, function public.label_of; ?channels.code; ?orders.channel | label_of()?
--> e: orders.id, function public.looked_up | looked_up()?
--> f: orders.fee, function public.tripled | tripled()?
--> g: orders.fee, function public.same | same()?
--unknown: what looked_up() reads is not followed; same() takes values of any type
SELECT t.name, f.amount, p.a, p.b FROM tenants t, of_tenant(t.id) f, pairs(f.id) p;
--> name: tenants.name | never
--> amount: orders.amount, function public.of_tenant; ?tenants.id; ?orders.tenant | a function in FROM?
--> a: orders.note, function public.pairs; ?tenants.id; ?orders.id; ?orders.tenant | a function in FROM?
--> b: orders.amount, function public.pairs; ?tenants.id; ?orders.id; ?orders.tenant | a function in FROM?
--rows: tenants.id, orders.id, orders.tenant
SELECT tableoid::regclass AS a, id FROM orders;
--> a: orders.tableoid, cast regclass | never
--> id: orders.id | never
SELECT recorded(o.id) AS a, looping(o.id) AS b, glued(o.note, o.status) AS c, broken(o.id) AS d, named(o.id, second => o.fee) AS e FROM orders o;
--> a: orders.id, function public.recorded | recorded()?
--> b: orders.id, function public.looping | looping()?
--> c: orders.note, array, function array_to_string, function public.glued; orders.status, array, function array_to_string, function public.glued | glued()?
--> d: orders.id, function public.broken | broken()?
--> e: orders.id, operator +, function public.named; orders.fee, operator +, function public.named | named()?
--unknown: recorded() ends with no SELECT; looping() calls itself; broken(): relation "nowhere" does not exist
SELECT total_of(amount) AS a, stddev(amount) AS b, jsonb_agg(note) FILTER (WHERE fee > 0) AS c, jsonb_agg(note) AS d FROM orders GROUP BY tenant;
--> a: orders.amount, aggregate total_of | the aggregate total_of()?
--> b: orders.amount, aggregate stddev | the aggregate stddev()?
--> c: orders.note, aggregate jsonb_agg; ?orders.fee | jsonb_agg() over rows of which FILTER may leave none
--> d: orders.note, aggregate jsonb_agg | never
SELECT sum(amount) FILTER (WHERE fee > 0) OVER () AS a, ntile(id) OVER (ORDER BY id) AS b, array_agg(note) OVER () AS c, total_of(amount) OVER () AS d, stddev(amount) OVER () AS e FROM orders;
--> a: orders.amount, window sum; ?orders.fee | sum() over rows of which FILTER may leave none
--> b: orders.id, window ntile; ?orders.id | never
--> c: orders.note, window array_agg | never
--> d: orders.amount, window total_of | the function total_of()?
--> e: orders.amount, window stddev | the function stddev()?
SELECT (o.amount, o.id) = (SELECT r.amount, r.order_id FROM refunds r WHERE r.id = o.id) AS a, o.id > ALL (SELECT r.amount FROM refunds r) AS b FROM orders o;
--> a: orders.amount, operator = ROWCOMPARE; orders.id, operator = ROWCOMPARE; refunds.amount, operator = ROWCOMPARE; refunds.order_id, operator = ROWCOMPARE; ?orders.id; ?refunds.id | a sub-select that may find no row
--> b: orders.id, operator > ALL; refunds.amount, operator > ALL | never
SELECT jsonb_array_elements(data)::int AS a, lower('[1,2)'::int4range) AS b, unnest(tags) AS c FROM orders;
--> a: orders.data, function jsonb_array_elements, cast integer | jsonb_array_elements()?
--> b: | lower()?
--> c: orders.tags, function unnest | unnest()?
