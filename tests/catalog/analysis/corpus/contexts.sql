-- Expressions in other places. context: expression (index keys and predicates, generated columns, WHEN and partition
-- keys are those of `orders`, domains are over text)
index: lower(kind)
index: (amount * 2)
index: (metadata ->> 'a')
index: ((metadata ->> 'n')::int)
index: coalesce(kind, 'x')
index: (note || kind)
index: (note IS NULL)
index: upper(kind::text)
index: (kind COLLATE "C")
index: date_trunc('day', paid_at)
index: (paid_at::date)
index: ((placed_at AT TIME ZONE 'UTC')::date)
index: md5(note)
index: (CASE WHEN amount > 0 THEN 1 ELSE 0 END)
index: to_tsvector('english', note)
index: to_tsvector('english'::regconfig, coalesce(note, ''))
index: cleaned(note)
index: app.lower(tenant_id)
index: (placed_at::date)
index: date_trunc('day', placed_at)
index: to_tsvector(note)
index: now()
index: moody(quantity)
index: (status::text)
index: (random())
index: app.has_role(note)
index: count(*)
index: ((SELECT 1))
index: nullif(kind, 'x')
index: (greatest(amount, 1))
index: (NULLIF(kind, 'x') IS NULL)
index: nope(note)
index: lower(nope)
index: (row(quantity, note)::text)
index: (quantity::text)
index: (amount::text)
index: (metadata::text)
index: (due::text)
index: concat(note, kind)
index: jsonb_path_query_first(metadata, '$.a')
index: extract(year from due)
index: date_part('year', placed_at)
predicate: deleted_at IS NULL
predicate: status = 'active'
predicate: status IN ('active', 'draft')
predicate: kind = 'a' AND amount > 0
predicate: NOT is_even(quantity)
predicate: quantity
predicate: placed_at > now()
predicate: placed_at > '2020-01-01'
predicate: due > '2020-01-01'
predicate: kind IN (SELECT 'x')
predicate: current_user = 'x'
predicate: (metadata ->> 'active')::boolean
predicate: metadata ? 'x'
predicate: level = 'low'::app.level
predicate: moody(1) = 1
predicate: ctid IS NOT NULL
predicate: true
generated numeric: amount * quantity
generated numeric: amount
generated numeric(10,1): amount * 2
generated text: kind || ' ' || note
generated text: quantity
generated text: note || quantity
generated varchar(5): upper(kind)
generated int: amount
generated text: lower(note)
generated tsvector: to_tsvector('english', coalesce(note, '') || ' ' || coalesce(kind, ''))
generated tsvector: to_tsvector(note)
generated tsvector: setweight(to_tsvector('simple', note), 'A') || setweight(to_tsvector('simple', kind), 'B')
generated boolean: amount > 0
generated boolean: deleted_at IS NULL
generated date: placed_at::date
generated date: (placed_at AT TIME ZONE 'UTC')::date
generated timestamptz: now()
generated int: random()
generated int: 5
generated text: 'x'
generated int: 'x'
generated uuid: tenant_id
generated uuid: note
generated int: (SELECT 1)
generated int: count(*)
generated jsonb: jsonb_build_object('a', amount)
generated jsonb: to_jsonb(orders)
generated int: xmin
generated int: moody(quantity)
generated bigint: quantity + priority
generated int4range: int4range(quantity, quantity + 1)
generated text: metadata ->> 'name'
generated text: (metadata -> 'a' ->> 'b')::varchar(10)
when: NEW.amount > 0
when: OLD.status IS DISTINCT FROM NEW.status
when: OLD.* IS DISTINCT FROM NEW.*
when: OLD IS DISTINCT FROM NEW
when: NEW.status = 'active' AND OLD.status <> 'active'
when: pg_trigger_depth() = 0
when: current_setting('app.x', true) = 'on'
when: new.kind IN ('a', 'b')
when: amount > 0
when: new.nope > 0
when: (SELECT true)
when: new.amount
when: coalesce(new.note, '') <> coalesce(old.note, '')
when: new.amount_cents > 0 OR new.deleted_at IS NOT NULL
domain text: VALUE ~ '^[a-z]+$'
domain text: VALUE <> '' AND length(VALUE) < 10
domain text: VALUE IN ('a', 'b')
domain varchar(10): VALUE IN ('a', 'b')
domain numeric(10,2): VALUE >= 0
domain bigint: VALUE > 0
domain bigint: value > 0.5
domain jsonb: jsonb_typeof(VALUE) = 'object'
domain int[]: array_length(VALUE, 1) < 5
domain status: VALUE <> 'closed'
domain email: VALUE <> 'x'
domain text: nope > 0
domain text: VALUE > 5
domain text: VALUE
domain text: VALUE = (SELECT 'x')
domain address: (VALUE).city <> ''
domain timestamptz: VALUE > '2020-01-01'
partition: date_trunc('month', paid_at)
partition: (lower(kind))
partition: ((metadata ->> 'x'))
partition: (placed_at::date)
partition: (1)
partition: (nope)
partition: (quantity + 1)
