-- Money as people read it. The ledger and all reports hold minor units.

CREATE FUNCTION attribution.currency_exponent(currency text) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_currency_exponent';
COMMENT ON FUNCTION attribution.currency_exponent(text) IS
    'How many decimals a currency of ISO 4217 has: JPY 0, USD 2, KWD 3';
GRANT EXECUTE ON FUNCTION attribution.currency_exponent(text)
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;

CREATE FUNCTION attribution.decimal_amount(amount_minor numeric, currency text) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_decimal_amount';
COMMENT ON FUNCTION attribution.decimal_amount(numeric, text) IS
    'An amount in minor units as a decimal number of the currency, exactly: 38800 and USD are 388.00';
GRANT EXECUTE ON FUNCTION attribution.decimal_amount(numeric, text)
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;
