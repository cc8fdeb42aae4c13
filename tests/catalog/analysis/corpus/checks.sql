-- CHECK constraints of `orders`, one a line.
amount >= 0
amount > 0 AND quantity > 0
amount_cents >= 0
amount_cents > 0::bigint
amount_cents >= 0.5
quantity BETWEEN 1 AND 100
quantity NOT BETWEEN 1 AND 100
quantity BETWEEN SYMMETRIC 10 AND 1
quantity NOT BETWEEN SYMMETRIC priority AND 1
quantity IN (1, 2, 3)
quantity IN (1)
quantity NOT IN (1, 2)
quantity IN (1, priority, 2)
quantity IN (priority, 2)
priority IN (1, 2)
amount_cents IN (1, 2)
amount IN (1, 2.5)
ratio IN (1, 2.5)
status IN ('draft', 'active')
status <> 'closed'
status = 'draft'::status
status::text = 'draft'
status::text IN ('draft', 'active')
status < 'closed'
kind IN ('a', 'b')
kind NOT IN ('a', 'b')
kind = 'a'
kind = ANY (ARRAY['a', 'b'])
kind = ANY (ARRAY['a', 'b']::text[])
kind = ANY ('{a,b}')
kind = ANY ('{a,b}'::varchar[])
kind <> ALL (ARRAY['x'::varchar])
kind::text = 'a'
kind LIKE 'a%'
kind NOT LIKE 'a\_%'
kind ILIKE 'a%'
kind NOT ILIKE 'A%'
kind LIKE 'a!%' ESCAPE '!'
kind SIMILAR TO '(a|b)%'
kind NOT SIMILAR TO 'x' ESCAPE '\'
kind ~ '^[a-z]+$'
kind ~* '^[a-z]+$'
kind !~ 'x'
note ~ '^\d+\s''quoted''$'
currency = 'EUR'
currency IN ('EUR', 'USD')
currency ~ '^[A-Z]{3}$'
upper(currency) = currency
length(currency) = 3
char_length(note) <= 280
length(trim(note)) > 0
trim(both ' ' from note) <> ''
trim(leading 'x' from note) <> ''
trim(trailing from note) <> ''
btrim(note) <> ''
length(trim(kind)) > 0
note IS NULL OR note <> ''
note IS NOT NULL AND kind IS NULL
(note IS NULL) = (kind IS NULL)
(note IS NULL) <> (kind IS NULL)
NOT (note IS NULL AND kind IS NULL)
NOT note IS NULL
num_nonnulls(note, kind, amount) = 1
num_nulls(note, kind) < 2
coalesce(amount, 0) >= 0
coalesce(note, kind, 'none') <> ''
coalesce(kind, 'x') = 'x'
nullif(note, '') IS NOT NULL
nullif(kind, '') IS NOT NULL
greatest(amount, discount, 0) < 1000
least(quantity, priority) > 0
CASE WHEN status = 'active' THEN amount > 0 ELSE true END
CASE status WHEN 'active' THEN amount > 0 WHEN 'closed' THEN paid_at IS NOT NULL END
CASE kind WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE 0 END > 0
CASE WHEN quantity > 1 THEN 'many' ELSE kind END <> 'x'
paid_at > placed_at
due > placed_at
due >= '2020-01-01'
due >= date '2020-01-01'
placed_at >= '2020-01-01'
placed_at >= timestamp with time zone '2020-01-01 12:30:00+02'
paid_at >= '2020-01-01 00:00'
placed_at < now()
placed_at <= CURRENT_TIMESTAMP
due <= CURRENT_DATE
paid_at <= LOCALTIMESTAMP
paid_at - placed_at < interval '1 day'
placed_at + interval '30 days' > deleted_at
placed_at + '1 year 2 mons 3 days 04:05:06'::interval > deleted_at
placed_at - '36 hours'::interval < now()
extract(year from placed_at) > 2000
extract(epoch from placed_at - deleted_at) > 0
extract(isodow from due) < 6
date_trunc('day', placed_at) = placed_at
date_part('year', due) = 2020
(placed_at AT TIME ZONE 'UTC')::date = due
placed_at AT TIME ZONE 'Europe/Berlin' > paid_at
placed_at::date = due
placed_at::text <> ''
amount::int > 0
amount::numeric(5,1) > 0
amount::text ~ '^\d'
amount = round(amount, 2)
amount - discount >= 0
amount * quantity > 100
amount / quantity > 0.01
amount % 2 = 0
-amount < 0
+quantity > 0
-quantity < 0
quantity > -1
quantity >= -2147483648
amount > -1.5
amount_cents > 3000000000
amount_cents > -3000000000
amount > 1e10
amount > 1.5e-3
ratio > 0.5
ratio > 1
ratio = 'NaN'
ratio = 'Infinity'::float8
discount = 'NaN'
quantity & 1 = 1
quantity # 2 <> 0
~quantity < 0
quantity << 2 > 8
quantity ^ 2 < 100
|/ quantity > 2
@ quantity > 2
quantity + priority > amount_cents
quantity::bigint * amount_cents > 0
priority + 1 > 0
priority::int + 1 > 0
(quantity + 1) * 2 > 3
quantity + 1 * 2 > 3
amount > quantity
quantity > amount_cents
note || kind <> 'x'
note || quantity <> 'x'
note || ' ' || kind <> ' '
concat(note, kind, quantity) <> ''
format('%s-%s', note, quantity) <> ''
lower(note) = note
lower(kind) = kind
kind = lower(kind)
kind = upper(note)
left(note, 3) <> 'abc'
substring(note from 1 for 3) <> 'abc'
substring(note from 2) <> 'abc'
substring(note from '^\w+') <> 'abc'
substring(note, 1, 2) <> 'x'
position('x' in note) = 0
strpos(note, 'x') = 0
overlay(note placing 'x' from 1 for 2) <> ''
replace(note, 'a', 'b') <> ''
split_part(note, '-', 1) <> ''
regexp_replace(note, 'a', 'b', 'g') <> ''
array_length(string_to_array(note, ','), 1) > 1
(string_to_array(note, ','))[1] = 'a'
md5(note) <> ''
to_char(placed_at, 'YYYY') = '2020'
to_date(note, 'YYYY') > due
make_interval(days => 3) > '1 day'
make_date(2020, 1, 1) < due
age(placed_at) > '1 year'
metadata ? 'a'
metadata ?| ARRAY['a', 'b']
metadata @> '{"a": 1}'
metadata @> '{"bb":1, "a" : [1,2.50,"x\u00e9"]}'::jsonb
metadata -> 'a' IS NOT NULL
metadata ->> 'a' = 'x'
(metadata ->> 'n')::int > 0
metadata -> 'a' ->> 'b' <> ''
metadata #>> '{a,b}' = 'x'
metadata #> ARRAY['a', 'b'] IS NOT NULL
jsonb_typeof(metadata) = 'object'
metadata = '{}'
metadata <> '[]'::jsonb
metadata['a'] IS NOT NULL
metadata['a']['b'] = '1'
metadata['a'][0] = '"x"'
jsonb_array_length(metadata -> 'items') > 0
jsonb_extract_path(metadata, 'a', 'b') IS NOT NULL
jsonb_extract_path_text(metadata, VARIADIC ARRAY['a']) = 'x'
(metadata || '{"x": null}') ? 'x'
metadata - 'a' = metadata
jsonb_build_object('a', note, 'b', quantity) @> metadata
lines[1] IS NULL
lines[1:2] IS NOT NULL
lines[1] -> 'a' IS NOT NULL
array_length(lines, 1) > 0
cardinality(lines) < 10
level = 'low'
level IN ('low', 'high')
level > 'low' OR level IS NULL
level::text = 'low'
'low' = level
'draft' = status
5 > quantity
'a' = kind
'a' = 'b'
1 = 1
true
false
NULL
quantity IS DISTINCT FROM 3
quantity IS NOT DISTINCT FROM priority
kind IS DISTINCT FROM 'x'
note IS DISTINCT FROM NULL
NULL IS NOT DISTINCT FROM note
(quantity > 1) IS TRUE
(quantity > 1) IS NOT FALSE
(quantity > 1) IS UNKNOWN
(quantity, priority) = (1, 2)
(quantity, priority) <> (1, 2)
(quantity, priority) < (1, 2)
(quantity, kind) IN ((1, 'a'), (2, 'b'))
ROW(quantity, note) IS NOT NULL
ROW(quantity, kind) IS DISTINCT FROM ROW(1, 'a')
(placed_at, deleted_at) OVERLAPS (now(), now() + interval '1 day')
amount > ALL (ARRAY[1, 2])
amount > ANY (ARRAY[1.5, 2])
quantity = ANY (ARRAY[1, NULL])
ARRAY[quantity, priority] @> ARRAY[1]
ARRAY[1, 2.5] @> ARRAY[amount]
ARRAY[ARRAY[1, 2], ARRAY[3, 4]] = ARRAY[ARRAY[quantity, 2]]
ARRAY[]::int[] = ARRAY[quantity]
quantity = ANY ('{1,2}')
quantity = ANY ('{1,2}'::int[])
note COLLATE "C" > 'a'
note < ('a' COLLATE "C")
kind COLLATE "C" = lower(kind)
cleaned(note) <> ''
cleaned(note, 5) <> ''
cleaned(kind, 5, 'a', 'b') <> ''
cleaned(note, width => 3) <> ''
cleaned(width => 3, value => note) <> ''
cleaned(note, 3, VARIADIC ARRAY['x']) <> ''
app.has_role('admin')
app.has_role(kind, tenant_id)
app.lower(tenant_id) <> ''
first_of(ARRAY[1, quantity]) > 0
first_of(ARRAY[kind]) = 'x'
tenant_id = current_tenant()
tenant_id = current_setting('app.tenant_id')::uuid
tenant_id = '00000000-0000-0000-0000-00000000000A'
tenant_id = 'A0EEBC999C0B4EF8BB6D6BB9BD380A11'::uuid
tenant_id::text <> ''
quantity::text = '1'
quantity::varchar(3) = '1'
quantity::char(3) = '1'
note::varchar(10) = 'x'
note::varchar = 'x'
kind::varchar = 'x'
kind::varchar(5) = 'x'
kind::char(5) = 'x'
'x'::char(5) = currency
'abc'::varchar(2) = kind
currency::text = 'EUR'
currency = note
currency = kind
kind = note
amount = quantity::numeric(10,2)
amount_cents::int = quantity
quantity::smallint = priority
quantity = priority
text 'abc' = note
int4 '5' = quantity
text(quantity) = '1'
int8(quantity) = 5
date(placed_at) = due
float8 '1.5' = ratio
numeric '1.50' = amount
interval '1' year > interval '1 month'
interval '2 days' day > '1 day'
'1 day'::interval day to second (2) > '1 day'
CAST(note AS text) = 'x'
CAST(quantity AS numeric(10,2)) = amount
bool 't'
'yes'::boolean
B'101' = B'110'
X'1F' = B'00011111'
'101'::bit(3) = B'101'
isfinite(due)
octet_length(note) < 100
ascii(note) > 0
abs(quantity) = 5
round(amount) = amount
floor(ratio) = 1
ceil(amount) > 0
power(ratio, 2) > 1
sqrt(ratio) > 1
mod(quantity, 2) = 0
random() > 0.5
width_bucket(ratio, 0, 1, 10) > 1
row_to_json(orders) IS NOT NULL
orders IS NOT NULL
orders.amount > 0
(orders).amount > 0
total(orders) > 0
orders.total > 0
is_even(quantity)
is_even(priority)
user = 'x'
current_user = note
session_user <> kind
current_role = 'x'
current_schema = 'public'
current_catalog = 'x'
pg_typeof(note) = 'text'::regtype
'orders'::regclass = 1
nextval('order_number_seq') > 0
ctid IS NOT NULL
tableoid = 'orders'::regclass
tableoid > 0
tsrange(paid_at, paid_at) IS NOT NULL
int4range(1, quantity) @> 5
int4range(1, 10) @> quantity
'[1,10]'::int4range @> quantity
'[1,10)'::int4range && int4range(quantity, quantity)
'(,5)'::int4range @> quantity
daterange(due, NULL, '[]') @> due
'[2020-01-01,2020-12-31]'::daterange @> due
numrange(1.0, 2.0) @> amount
tstzrange(placed_at, deleted_at) @> now()
lower(int4range(1, 10)) = quantity
upper('[1,5]'::int4range) = quantity
to_tsvector('english', note) @@ to_tsquery('x')
to_tsvector(note) @@ to_tsquery('english'::regconfig, 'x')
note @@ 'x'
encode(sha256(note::bytea), 'hex') <> ''
'\xDEADBEEF'::bytea = decode(note, 'hex')
'192.168.0.1/24'::inet >> '192.168.0.5'
'192.168.0.0/24'::cidr >>= '192.168.0.5'::inet
'10:20:30:40:50:60'::macaddr IS NOT NULL
'12:30'::time < '13:00'
time '12:30' < localtime
'12:30:00+02'::timetz IS NOT NULL
'(1,2)'::point <-> '(3,4)'::point < 5
'epoch'::timestamptz < placed_at
'infinity'::date > due
'-infinity' < placed_at
string_to_array(kind, ',') @> '{a}'
array_position(ARRAY['a', 'b'], kind) > 0
kind = ANY (string_to_array(note, ','))
array_to_string(ARRAY[note, kind], ',') <> ''
unistr(note) = 'x'
note IS NORMALIZED
note IS NFC NORMALIZED
normalize(note, NFD) = note
starts_with(note, 'x')
note ^@ 'x'
note ~~ 'x'
note !~~* 'x'
note OPERATOR(pg_catalog.=) 'x'
note OPERATOR(pg_catalog.||) kind = 'x'
"note" = 'E''x'
note = E'a\nb\\c'
note = U&'\0041'
note = $$dollar's$$
collation for (note) = 'x'
