-- find_pii() and redact_pii(): what the guard would refuse, and the document without it.
\set doc '{"order": 1, "email": "jon@example.com", "lines": [{"note": "call +49 30 1234567, or write to jon%40example.com"}, "x"], "jon@example.com": {"ip": "10.0.0.1"}, "odd \\"key\\"": ["a@example.com"]}'
SELECT * FROM attribution.find_pii(:'doc');
SELECT attribution.redact_pii(:'doc');
SELECT count(*) FROM attribution.find_pii(attribution.redact_pii(:'doc'));
-- Scalars, empty documents, numbers and nulls stay as they are.
SELECT d, attribution.redact_pii(d) = d AS same
  FROM unnest(ARRAY['1', 'null', '"text"', '[]', '{}', '{"a": [1.50, true, null, {"b": {}}]}', '[[[]]]']::jsonb[]) AS d;
SELECT attribution.redact_pii('"jon@example.com"'), attribution.redact_pii('["jon@example.com"]'), attribution.redact_pii(NULL) IS NULL AS null_is_null;
SELECT * FROM attribution.find_pii('"jon@example.com"');
-- Deeper than the walk's first stack.
SELECT length(path), right(path, 7), kind
  FROM attribution.find_pii((repeat('{"a":[', 40) || '"jon@example.com"' || repeat(']}', 40))::jsonb);
-- Every kind; what an id may look like is found in free text only, and members named like ids keep theirs.
\set kinds '{"a": "jon@example.com", "b": "+49 30 1234567", "c": "4111 1111 1111 1111", "d": ["DE89370400440532013000", "2001:db8::1"], "e": "10.0.0.1", "f": "123-45-6789", "g": {"email": null}, "order_id": "4111111111111111", "ids": [["4111111111111111"]], "h": {"id": "10.0.0.1", "x": "id 4111111111111111"}, "4111111111111111": 1}'
SELECT * FROM attribution.find_pii(:'kinds');
SELECT jsonb_pretty(attribution.redact_pii(:'kinds'));
SELECT count(*) FROM attribution.find_pii(attribution.redact_pii(:'kinds'));
-- Many members, whose places in the stored form are counted in another way than those of few.
SELECT count(*), min(path), max(path)
  FROM attribution.find_pii((SELECT jsonb_object_agg('k' || lpad(n::text, 3, '0'), jsonb_build_array('x', n, 'n' || n || '@example.com'))
                               FROM generate_series(1, 200) AS n));
