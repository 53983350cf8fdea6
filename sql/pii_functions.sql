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
