-- The values that money and events are made of. Domains and not CHECKs of the tables: PostgreSQL reads the text of a
-- table's CHECKs again for every statement, which was a fifth of the cost of storing one event; a domain's is kept.

CREATE DOMAIN attribution.money_kind AS text
    CONSTRAINT money_kind CHECK (VALUE IN ('capture', 'refund', 'chargeback', 'chargeback_reversal', 'adjustment'));
COMMENT ON DOMAIN attribution.money_kind IS 'What a movement of money is: capture, refund, chargeback, chargeback_reversal or adjustment';

CREATE DOMAIN attribution.event_type AS text
    CONSTRAINT event_type CHECK (VALUE IN ('conversion', 'touchpoint', 'notice'));
COMMENT ON DOMAIN attribution.event_type IS 'What a row of attribution_events is: conversion, touchpoint or notice';

CREATE DOMAIN attribution.currency_code AS char(3)
    CONSTRAINT currency_code CHECK (VALUE ~ '^[A-Z]{3}$');
COMMENT ON DOMAIN attribution.currency_code IS 'ISO 4217, three capital letters';

CREATE DOMAIN attribution.sha256 AS bytea
    CONSTRAINT sha256 CHECK (octet_length(VALUE) = 32);
COMMENT ON DOMAIN attribution.sha256 IS 'A SHA-256 digest';

CREATE DOMAIN attribution.entry_amount AS bigint
    CONSTRAINT entry_amount CHECK (VALUE <> 0);
COMMENT ON DOMAIN attribution.entry_amount IS 'What a ledger entry moves, signed, in minor units; an entry that moves nothing is none';

CREATE DOMAIN attribution.entry_step AS integer
    CONSTRAINT entry_step CHECK (VALUE > 0);
COMMENT ON DOMAIN attribution.entry_step IS 'The n-th entry of a money key and kind, from 1';

CREATE DOMAIN attribution.item_number AS smallint
    CONSTRAINT item_number CHECK (VALUE >= 0);
COMMENT ON DOMAIN attribution.item_number IS 'Position of a row in its delivery, from 0';

ALTER DOMAIN attribution.money_kind    OWNER TO attribution_owner;
ALTER DOMAIN attribution.event_type    OWNER TO attribution_owner;
ALTER DOMAIN attribution.currency_code OWNER TO attribution_owner;
ALTER DOMAIN attribution.sha256        OWNER TO attribution_owner;
ALTER DOMAIN attribution.entry_amount  OWNER TO attribution_owner;
ALTER DOMAIN attribution.entry_step    OWNER TO attribution_owner;
ALTER DOMAIN attribution.item_number   OWNER TO attribution_owner;

CREATE TYPE attribution_internal.sale_entry AS (
    entry_id     uuid,
    amount_minor bigint,
    occurred_at  timestamptz,
    money_key    text,
    kind         text,
    currency     text
);
COMMENT ON TYPE attribution_internal.sale_entry IS 'Of a ledger entry, what dividing its sale takes';
ALTER TYPE attribution_internal.sale_entry OWNER TO attribution_owner;
