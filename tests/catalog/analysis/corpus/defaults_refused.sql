-- What the server refuses as a default. table.column: expression
tenants.id: 5
tenants.id: 'x'
tenants.id: now()
tenants.name: nope
tenants.name: (SELECT 'x')
tenants.name: count(*)
tenants.created_at: 5
tenants.created_at: true
tenants."Mixed Case": 'x'
tenants."Mixed Case": now()
tenants."Mixed Case": 99999999999999
tenants."Mixed Case": 'a' || 'b'
tenants."select": 1
tenants."select": 'maybe'
tenants.settings: 'x'
tenants.settings: 5
tenants.settings: '{}'::text
orders.status: 'nope'
orders.status: 'draft'::text
orders.amount: 'x'
orders.amount: true
orders.due: 5
orders.priority: 99999
orders.priority: '99999'
orders.lines: 'x'
orders.lines: '{}'::text[]
orders.lines: ARRAY['a']
orders.level: 'x'
orders.placed_at: 'x'
orders.amount_cents: nextval('nosuch')
orders.amount_cents: nosuch()
customers.tags: ARRAY[1, 'x']
customers.tags: '{a'
customers.home: ROW('a', 'b')
customers.score_range: '[5,1]'
customers.balance: 'x'
customers.token: md5('x')
customers.payload: 5
customers.ip: 'x'
customers.every: 'x'
customers.at_time: '25:00'
