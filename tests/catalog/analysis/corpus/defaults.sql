-- table.column: expression
tenants.id: gen_random_uuid()
tenants.id: '00000000-0000-0000-0000-000000000000'
tenants.id: uuid_in('x')
tenants.name: 'x'
tenants.name: ''
tenants.name: 'it''s'
tenants.name: current_user
tenants.name: CURRENT_USER::text
tenants.name: session_user
tenants.name: 'a' || 'b'
tenants.name: upper('x')
tenants.name: md5(random()::text)
tenants.name: 5
tenants.name: 1.5
tenants.name: now()
tenants.name: true
tenants.name: NULL
tenants.name: NULL::text
tenants.name: gen_random_uuid()
tenants.name: gen_random_uuid()::text
tenants.name: current_setting('app.name', true)
tenants.name: coalesce(current_setting('app.name', true), 'none')
tenants.slug: 'x'
tenants.slug: 'x'::varchar
tenants.slug: 'x'::text
tenants.slug: 'x'::varchar(63)
tenants.slug: 'x'::varchar(5)
tenants.slug: 'x'::character varying(63)
tenants.slug: md5('x')
tenants.slug: 5
tenants.slug: NULL::character varying
tenants.slug: substr(md5(random()::text), 1, 8)
tenants.settings: '{}'
tenants.settings: '{}'::jsonb
tenants.settings: '{"b": 1, "a": {"x": [1, 2, null, true]}}'
tenants.settings: '[]'::json
tenants.settings: jsonb_build_object('a', 1)
tenants.settings: jsonb_build_object('a', 1, 'b', ARRAY['x'])
tenants.settings: '"x"'::jsonb
tenants.settings: to_jsonb('x'::text)
tenants.created_at: now()
tenants.created_at: CURRENT_TIMESTAMP
tenants.created_at: CURRENT_TIMESTAMP(3)
tenants.created_at: now() AT TIME ZONE 'utc'
tenants.created_at: timezone('utc', now())
tenants.created_at: timezone('utc'::text, now())
tenants.created_at: clock_timestamp()
tenants.created_at: statement_timestamp()
tenants.created_at: transaction_timestamp()
tenants.created_at: LOCALTIMESTAMP
tenants.created_at: CURRENT_DATE
tenants.created_at: now() + interval '30 days'
tenants.created_at: now() + '30 days'
tenants.created_at: now() - '01:30:00'::interval
tenants.created_at: '2020-01-01'
tenants.created_at: '2020-01-01 10:00:00-05'
tenants.created_at: date_trunc('month', now())
tenants.created_at: 'infinity'
tenants."Mixed Case": 0
tenants."Mixed Case": -1
tenants."Mixed Case": '5'
tenants."Mixed Case": 5.4
tenants."Mixed Case": 1 + 1
tenants."Mixed Case": (1 + 1) * 2
tenants."Mixed Case": 5::smallint
tenants."Mixed Case": 5::bigint
tenants."Mixed Case": nextval('order_number_seq')
tenants."Mixed Case": nextval('public.order_number_seq'::regclass)
tenants."Mixed Case": nextval('app."Odd Seq"')
tenants."Mixed Case": floor(random() * 100)
tenants."Mixed Case": floor(random() * 100)::int
tenants."Mixed Case": extract(epoch from now())
tenants."Mixed Case": extract(epoch from now())::int
tenants."Mixed Case": length('x')
tenants."Mixed Case": 2147483647
tenants."Mixed Case": 0x1F
tenants."Mixed Case": CASE WHEN random() > 0.5 THEN 1 ELSE 2 END
tenants."select": true
tenants."select": false
tenants."select": 't'
tenants."select": 'false'::boolean
tenants."select": NOT false
tenants."select": 1 = 1
orders.status: 'draft'
orders.status: 'draft'::status
orders.status: 'active'::public.status
orders.status: 'it''s "odd"'
orders.status: NULL::status
orders.kind: 'a'
orders.kind: 'standard'::character varying
orders.kind: upper('a')
orders.amount: 0
orders.amount: 0.0
orders.amount: 0.00
orders.amount: '0'
orders.amount: '0.00'::numeric
orders.amount: 0::numeric(12,2)
orders.amount: 1.5
orders.amount: -1.5
orders.amount: 10 / 3
orders.amount: 1e3
orders.discount: 0
orders.discount: 0.15
orders.discount: .5
orders.discount: 5::numeric
orders.discount: 0::double precision
orders.amount_cents: 0
orders.amount_cents: -5
orders.amount_cents: 5000000000
orders.amount_cents: '0'::bigint
orders.amount_cents: 10 * 100
orders.amount_cents: nextval('order_number_seq'::regclass)
orders.amount_cents: (extract(epoch from now()) * 1000)::bigint
orders.currency: 'EUR'
orders.currency: 'EUR'::char(3)
orders.currency: 'EUR'::bpchar
orders.currency: 'E'
orders.priority: 0
orders.priority: 5::smallint
orders.priority: -1
orders.placed_at: now()
orders.paid_at: now()
orders.paid_at: timezone('utc'::text, now())
orders.paid_at: now() AT TIME ZONE 'utc'
orders.paid_at: CURRENT_TIMESTAMP
orders.paid_at: LOCALTIMESTAMP(0)
orders.paid_at: '2020-01-01'
orders.due: CURRENT_DATE
orders.due: now()
orders.due: now()::date
orders.due: CURRENT_DATE + 30
orders.due: CURRENT_DATE + interval '1 month'
orders.due: '2020-1-5'
orders.due: date_trunc('month', CURRENT_DATE)
orders.note: ''::text
orders.note: E'a\nb'
orders.note: 'x' || now()
orders.note: to_char(now(), 'YYYY-MM-DD')
orders.metadata: '{}'::jsonb
orders.lines: '{}'
orders.lines: ARRAY[]::jsonb[]
orders.lines: '{}'::jsonb[]
orders.lines: ARRAY['{"a":1}'::jsonb]
orders.level: 'low'
orders.level: 'low'::app.level
orders.ratio: 0
orders.ratio: 1.0
orders.ratio: 0.5
orders.ratio: '0.5'
orders.ratio: random()
orders.ratio: 1e-7
orders.quantity: 1
customers.tags: '{}'
customers.tags: '{}'::text[]
customers.tags: ARRAY[]::text[]
customers.tags: ARRAY['a', 'b']
customers.tags: '{a,"b c",NULL,"null",""}'
customers.tags: string_to_array('a,b', ',')
customers.scores: '{1,2}'
customers.scores: ARRAY[1, 2, 3]
customers.scores: ARRAY[]::integer[]
customers.scores: array_fill(0, ARRAY[3])
customers.attributes: '{}'
customers.attributes: '{"b":1,  "a":2}'::json
customers.attributes: json_build_object()
customers.home: ROW('a', 'b', 'c', NULL)
customers.home: ROW('a', 'b', 'c', NULL)::address
customers.home: ('a', 'b', 'c', '(1,2)')
customers.email: 'a@b'
customers.email: 'a@b'::email
customers.email: lower('A@B')
customers.key_code: 'abc'
customers.key_code: 'abc'::code
customers.key_code: upper('abc')
customers.balance: 0
customers.balance: 0::app.cents
customers.balance: 5::bigint
customers.levels: '{low,high}'
customers.levels: ARRAY['low']::app.level[]
customers.levels: '{}'::app.level[]
customers.at_time: '12:30'
customers.at_time: CURRENT_TIME
customers.at_time: LOCALTIME
customers.at_timetz: CURRENT_TIME(0)
customers.payload: '\x00'
customers.payload: ''
customers.payload: gen_random_bytes(16)
customers.payload: decode('00', 'hex')
customers.ip: '127.0.0.1'
customers.ip: inet_client_addr()
customers.ip: '::1'
customers.net: '10.0.0.0/8'
customers.token: gen_random_uuid()
customers.valid: 'empty'
customers.valid: '[2020-01-01,2020-02-01]'
customers.valid: daterange(CURRENT_DATE, NULL)
customers.score_range: '[1,5]'
customers.score_range: int4range(1, 5)
customers.name_: 'x'
customers.name_: CURRENT_USER
customers.flags: B'0101'
customers.flags: '0101'
customers.mask: B'1'
customers.letter: 'x'
customers.obj: 0
customers.seen: now()
customers.every: '1 day'
customers.every: '24 hours'
customers.every: 'P1Y2M3DT4H5M6.5S'
customers.every: '90 minutes'
customers.every: '-1 day 2 hours'
customers.every: '1.5 days'
customers.every: '2 weeks'
customers.every: '1 year 14 months'
customers.every: interval '1 hour' * 3
customers.every: make_interval(hours => 2)
customers.every: '0'
customers.rank: 1
customers.weight: 1.5
customers.weight: 0
customers.weight: 1.1::real
customers.height: 1.5
customers.height: 100
customers.height: 1e20
customers.active: true
customers.born: '1970-01-01'
customers.code: 'abc'
customers.cost: 0
customers.position_: point(1, 2)
