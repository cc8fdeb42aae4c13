-- What the server refuses as CHECK of `orders`.
nope > 0
orders.nope > 0
other.amount > 0
amount
quantity + 1
note
'maybe'
amount > 'x'
quantity > 'x'
quantity > '99999999999'
quantity = 1.5 || 2
status = 'nope'
status = 'draft'::text
status = kind
level = 'medium'
note > 5
note + 1 > 0
tenant_id = 5
tenant_id = 'not-a-uuid'
due > 'not a date'
placed_at > '2020-13-01'
due = 5
metadata > 5
metadata @> '{bad'
metadata ->> 1.5 = 'x'
nofunction(note)
lower(quantity) = 'x'
cleaned() = ''
cleaned(5) = ''
cleaned(note, nope => 3) = ''
cleaned(width => 3, note) = ''
app.nofunction()
nosuch.f()
app.has_role(5)
now() + 5 > placed_at
placed_at + placed_at > now()
(SELECT true)
EXISTS (SELECT 1)
amount > (SELECT 1)
count(*) > 0
sum(amount) > 0
row_number() OVER () > 1
generate_series(1, 2) > 1
ARRAY[] = lines
ARRAY[1, 'x'] IS NOT NULL
quantity IN (1, 'x')
quantity IN ('a', 'b')
kind IN (1, 2)
coalesce(quantity, 'x') > 0
coalesce(quantity, note) > 0
greatest(quantity, note) > 0
CASE WHEN quantity THEN true ELSE false END
CASE WHEN true THEN 1 ELSE note END > 0
CASE quantity WHEN 'x' THEN true END
quantity::uuid IS NULL
tenant_id::int > 0
note::nosuchtype = 'x'
due::int > 0
true::int = 1
quantity::boolean
(quantity, priority) = (1, 2, 3)
(quantity).x > 0
note.x > 0
quantity[1] > 0
lines['x'] IS NULL
quantity = ANY (5)
quantity = ANY (ARRAY['x'])
amount COLLATE "C" > 0
$1 > 0
ctid = xmin
xmin IS NOT NULL
ctid IS NOT NULL AND true
jsonb_build_object(VARIADIC note) IS NULL
'x'::regclass = 1
'nosuch'::regtype = 1
'nosuch'::regproc = 1
'[5,1]'::int4range @> quantity
'{1,x}'::int[] @> ARRAY[quantity]
'{1,2'::int[] @> ARRAY[quantity]
make_interval(nope => 3) > '1 day'
lower(DISTINCT note) = 'x'
lower(note) FILTER (WHERE true) = 'x'
lower(*) = 'x'
first_of(quantity) = 1
first_of('x') = 1
moody(note) = 1
'abc' + 1 = 2
B'102' = B'1'
99999999999999999999999 > quantity::bit(3)
note = ANY (ARRAY[1, 2])
total(note) > 0
