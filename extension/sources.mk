# What the extension is made of: read by Makefile.pgxs, and through it by CMake.

# Parts of core that work inside PostgreSQL: no Boost, no I/O.
EXTENSION_SOURCES = $(sort $(wildcard extension/src/*.cpp core/*.cpp core/money/*.cpp core/pii/*.cpp core/channels/*.cpp core/credit/*.cpp))

# The extension script is these files in the order of their numbers; the generated migrations() stands where its
# number says.
EXTENSION_SQL = $(sort $(wildcard extension/sql/*.sql))
EXTENSION_MIGRATIONS = $(sort $(wildcard extension/migrations/*.sql))

# Regression tests, in the order in which they run. Each makes what it needs and can run alone in a database that
# has the extension and its tables (`install`).
REGRESS = install privileges tenant_isolation append_only uuid_v7 \
    ingest_delivery ingest_money ingest_currency ingest_invalid ingest_tenant ingest_batch ingest_families ingest_any_order \
    ingest_ignored ingest_transmissions ingest_journeys ingest_transactions journeys dead_letters tenant_views \
    channels channels_cache pii_guard pii_tables pii_functions realtime_revenue revenue_entries channel_spend webhook_secrets publishable_keys \
    currencies split_amount touch_credit \
    allocations allocation_models allocations_random allocate rollups rollups_upkeep rollups_random
