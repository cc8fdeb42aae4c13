-- USING of policies on `orders`.
tenant_id = current_setting('app.current_tenant_id')::uuid
tenant_id = current_setting('app.current_tenant_id', true)::uuid
tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid
tenant_id = (current_setting('app.current_tenant_id'::text, true))::uuid
tenant_id::text = current_setting('app.tenant_id', true)
tenant_id = current_tenant()
tenant_id = (SELECT current_tenant())
tenant_id = (SELECT current_setting('app.tenant_id')::uuid)
tenant_id = coalesce(current_setting('app.t', true)::uuid, tenant_id)
current_setting('app.bypass', true) = 'on' OR tenant_id = current_tenant()
true
false
tenant_id IN (SELECT id FROM tenants)
tenant_id IN (SELECT t.id FROM tenants t WHERE t.slug = current_user)
tenant_id = ANY (SELECT id FROM tenants)
tenant_id = ANY (ARRAY(SELECT id FROM tenants))
tenant_id = ANY ((SELECT array_agg(id) FROM tenants)::uuid[])
tenant_id NOT IN (SELECT id FROM tenants WHERE name = 'x')
EXISTS (SELECT 1 FROM tenants WHERE tenants.id = orders.tenant_id)
EXISTS (SELECT 1 FROM tenants t WHERE t.id = tenant_id AND t."select")
EXISTS (SELECT FROM customers c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = orders.customer_id)
NOT EXISTS (SELECT * FROM app.events e WHERE e.order_id = orders.id AND e.kind IN ('a', 'b'))
EXISTS (SELECT 1 FROM orders o WHERE o.id = orders.id)
EXISTS (SELECT 1 FROM orders WHERE orders.id = 5)
EXISTS (SELECT 1 FROM "Odd Schema"."Odd Table" x WHERE x."a b" = orders.note)
customer_id = (SELECT max(c.id) FROM customers c WHERE c.tenant_id = orders.tenant_id)
customer_id = (SELECT id FROM customers ORDER BY id DESC LIMIT 1)
customer_id = (SELECT id FROM customers ORDER BY id DESC NULLS LAST OFFSET 1 LIMIT 1)
(SELECT count(*) FROM customers c WHERE c.tenant_id = orders.tenant_id) > 0
(SELECT count(*) FILTER (WHERE c.active) FROM customers c) > 5
(customer_id, tenant_id) IN (SELECT id, tenant_id FROM customers)
(customer_id, tenant_id) = (SELECT id, tenant_id FROM customers LIMIT 1)
amount > ALL (SELECT value FROM app.events)
amount = (SELECT sum(value) FROM app.events WHERE order_id = orders.id GROUP BY kind HAVING count(*) > 1 LIMIT 1)
CASE WHEN app.has_role('admin') THEN true ELSE tenant_id = current_tenant() END
CASE WHEN app.has_role('admin') THEN true ELSE tenant_id IN (SELECT id FROM tenants) END
app.has_role('admin') OR app.has_role('x', tenant_id)
current_user = 'app' AND tenant_id = current_tenant()
pg_has_role(current_user, 'postgres', 'MEMBER')
(current_setting('request.jwt.claims', true)::jsonb ->> 'tenant_id')::uuid = tenant_id
(current_setting('request.jwt.claims', true)::json->>'sub') = note
tenant_id::text IN (SELECT unnest(string_to_array(current_setting('app.tenants'), ',')))
tenant_id = ANY (string_to_array(current_setting('app.tenants'), ',')::uuid[])
deleted_at IS NULL AND status <> 'closed'
EXISTS (SELECT 1 FROM (SELECT id FROM tenants) s WHERE s.id = tenant_id)
EXISTS (WITH mine AS (SELECT id FROM tenants) SELECT 1 FROM mine WHERE mine.id = orders.tenant_id)
EXISTS (SELECT 1 FROM customers c, tenants t WHERE c.tenant_id = t.id AND t.id = orders.tenant_id)
EXISTS (SELECT 1 FROM customers c LEFT JOIN tenants t ON t.id = c.tenant_id WHERE t.id IS NULL)
EXISTS (SELECT 1 FROM customers JOIN tenants USING (id) WHERE customers.tenant_id IS NOT NULL)
EXISTS (SELECT id FROM tenants UNION SELECT tenant_id FROM customers)
EXISTS (SELECT 1 FROM unnest(ARRAY['a', 'b']) AS r(name) WHERE app.has_role(r.name))
EXISTS (SELECT 1 FROM jsonb_array_elements(orders.metadata) e WHERE e ->> 'x' = 'y')
EXISTS (SELECT 1 FROM app.pairs(1) WHERE key = note)
EXISTS (SELECT 1 FROM generate_series(1, 3) n WHERE n = quantity)
EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper)
EXISTS (SELECT 1 FROM information_schema.tables WHERE table_name = note)
EXISTS (SELECT 1 FROM active_orders a WHERE a.id = orders.id)
NOT (tenant_id IS DISTINCT FROM current_tenant())
row_security_active('orders')
quantity > (SELECT avg(value)::int FROM app.events)
status = ANY (SELECT unnest(ARRAY['draft'::status]))
status IN (SELECT 'draft'::status)
ARRAY(SELECT name FROM tenants WHERE id = tenant_id) @> ARRAY[note]
(SELECT true)
(SELECT name FROM tenants t WHERE t.id = orders.tenant_id) LIKE 'a%'
EXISTS (SELECT 1 FROM tenants WHERE id = tenant_id AND EXISTS (SELECT 1 FROM customers WHERE customers.tenant_id = tenants.id AND customers.id = orders.customer_id))
