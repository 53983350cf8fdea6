// How the cache can never be stale: changes of the tables (triggers, DROP, TRUNCATE) send relcache
// invalidations, which PostgreSQL delivers at commit to other backends, at the next command to this one, and
// again when this one rolls back. Each moves `generation` on. What was loaded is marked with the generation
// from before it was read, and read with the newest snapshot, not the transaction's: an invalidation that
// arrives meanwhile leaves the mark behind, and the next look loads again.

#include "extension/src/channel_cache.hpp"

#include <array>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

namespace attribution::channels {

namespace {

// Tenants whose rules one backend keeps at a time; most entries only say that a tenant has none of its own.
constexpr std::size_t max_tenants = 10'000;

std::uint64_t generation = 1;
Oid rules_table = InvalidOid;
Oid sources_table = InvalidOid;

struct uuid_hash {
    std::size_t operator()(const std::array<unsigned char, UUID_LEN>& id) const noexcept {
        return std::hash<std::string_view>{}({reinterpret_cast<const char*>(id.data()), id.size()});
    }
};
using tenant_key = std::array<unsigned char, UUID_LEN>;

struct rule_cache {
    std::uint64_t generation = 0;
    std::shared_ptr<const source_categories> categories;
    std::shared_ptr<const rule_set> builtin;
    std::unordered_map<tenant_key, std::shared_ptr<const rule_set>, uuid_hash> own;
};
rule_cache cache;

// Runs whenever PostgreSQL processes invalidations, also in the middle of loading: it may only take note.
void note_relation_change(Datum /*argument*/, Oid relation) {
    if (relation == InvalidOid || relation == rules_table || relation == sources_table) ++generation;
}

using text_list = std::span<const std::string_view>;

// Rows as SPI has them in memory, before they become C++ objects.
struct rule_row {
    std::string_view name;
    int priority;
    std::string_view channel;
    std::optional<std::string_view> source_category;
    std::array<std::optional<text_list>, 5> lists;  // source, medium, campaign, referrer, click id
};
struct source_row {
    std::string_view source;
    std::string_view category;
};

std::string_view text_of(Datum value) {
    text* packed = DatumGetTextPP(value);
    return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

std::optional<std::string_view> text_column(int row, int column) {
    bool null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &null);
    if (null) return std::nullopt;
    return text_of(value);
}

std::optional<text_list> list_column(int row, int column) {
    bool null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &null);
    if (null) return std::nullopt;
    Datum* elements = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
    auto* texts = static_cast<std::string_view*>(
        palloc0(sizeof(std::string_view) * (static_cast<std::size_t>(count) + 1)));
    std::size_t kept = 0;
    for (int i = 0; i < count; ++i) {
        if (!nulls[i]) texts[kept++] = text_of(elements[i]);
    }
    return text_list{texts, kept};
}

rule_row read_rule(int row) {
    bool null = false;
    rule_row read{};
    read.name = *text_column(row, 1);
    read.priority = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 2, &null));
    read.channel = *text_column(row, 3);
    read.source_category = text_column(row, 4);
    for (int list = 0; list < 5; ++list)
        read.lists[static_cast<std::size_t>(list)] = list_column(row, 5 + list);
    return read;
}

source_row read_source(int row) {
    return {*text_column(row, 1), *text_column(row, 2)};
}

template <class row>
row* new_rows(std::uint64_t count) {
    return static_cast<row*>(palloc(sizeof(row) * (count + 1)));
}

// A query with its plan, which is kept: with many tenants, most calls are a backend's first for a tenant.
struct saved_query {
    const char* sql;
    int arguments;
    SPIPlanPtr plan = nullptr;
};

void prepare(saved_query& what) {
    Oid types[] = {UUIDOID};
    SPIPlanPtr made = SPI_prepare(what.sql, what.arguments, types);
    if (made == nullptr || SPI_keepplan(made) != 0)
        elog(ERROR, "could not prepare a query: %s", SPI_result_code_string(SPI_result));
    what.plan = made;
}

// The rows of a query, read with the newest snapshot. Between SPI_connect and SPI_finish, inside call().
template <class row>
std::span<const row> query(saved_query& what, row (*read)(int), const pg_uuid_t* tenant) {
    if (what.plan == nullptr) prepare(what);
    Datum values[] = {UUIDPGetDatum(tenant)};
    const int result = SPI_execute_snapshot(what.plan, values, nullptr, GetLatestSnapshot(), InvalidSnapshot,
                                            true, false, 0);
    if (result != SPI_OK_SELECT)
        elog(ERROR, "could not read channel rules: %s", SPI_result_code_string(result));
    row* rows = new_rows<row>(SPI_processed);
    for (std::uint64_t i = 0; i < SPI_processed; ++i) rows[i] = read(static_cast<int>(i));
    return {rows, static_cast<std::size_t>(SPI_processed)};
}

#define RULE_COLUMNS                                                                                         \
    "rule_name, priority, channel, source_category, source_like, medium_like, campaign_like, referrer_like," \
    " click_id_in"

constinit saved_query source_query{"SELECT source, category FROM attribution.channel_sources", 0};
constinit saved_query builtin_query{
    "SELECT " RULE_COLUMNS " FROM attribution.channel_rules WHERE tenant_id IS NULL", 0};
constinit saved_query own_query{"SELECT " RULE_COLUMNS " FROM attribution.channel_rules WHERE tenant_id = $1",
                                1};

rule::texts to_texts(const std::optional<text_list>& list) {
    if (!list) return std::nullopt;
    return std::vector<std::string>(list->begin(), list->end());
}

rule to_rule(const rule_row& row) {
    rule made;
    made.name = row.name;
    made.priority = row.priority;
    made.channel = row.channel;
    if (row.source_category) made.source_category = std::string(*row.source_category);
    made.source_like = to_texts(row.lists[0]);
    made.medium_like = to_texts(row.lists[1]);
    made.campaign_like = to_texts(row.lists[2]);
    made.referrer_like = to_texts(row.lists[3]);
    made.click_id_in = to_texts(row.lists[4]);
    return made;
}

std::shared_ptr<const rule_set> compile(std::span<const rule_row> rows) {
    if (rows.empty()) return nullptr;
    std::vector<rule> rules;
    rules.reserve(rows.size());
    for (const rule_row& row : rows) rules.push_back(to_rule(row));
    return std::make_shared<const rule_set>(std::move(rules), cache.categories);
}

void find_tables() {
    const Oid schema = get_namespace_oid("attribution", true);
    rules_table = OidIsValid(schema) ? get_relname_relid("channel_rules", schema) : InvalidOid;
    sources_table = OidIsValid(schema) ? get_relname_relid("channel_sources", schema) : InvalidOid;
    if (!OidIsValid(rules_table) || !OidIsValid(sources_table)) {
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("the tables of pg_attribution do not exist"),
                        errdetail("attribution.channel_rules or attribution.channel_sources is missing."),
                        errhint("Make them: SELECT attribution.migrate();")));
    }
}

void load_builtin() {
    std::span<const source_row> sources;
    std::span<const rule_row> rules;
    call([&] {
        find_tables();
        SPI_connect();
        sources = query(source_query, read_source, nullptr);
        rules = query(builtin_query, read_rule, nullptr);
    });
    std::vector<source_entry> entries;
    entries.reserve(sources.size());
    for (const source_row& row : sources)
        entries.push_back({std::string(row.source), std::string(row.category)});
    cache.categories = std::make_shared<const source_categories>(entries);
    auto builtin = compile(rules);
    cache.builtin = builtin ? std::move(builtin) : std::make_shared<const rule_set>();
    call([] { SPI_finish(); });
}

std::shared_ptr<const rule_set> load_own(const pg_uuid_t& tenant) {
    std::span<const rule_row> rules;
    call([&] {
        SPI_connect();
        rules = query(own_query, read_rule, &tenant);
    });
    auto own = compile(rules);
    call([] { SPI_finish(); });
    return own;
}

void catch_up() {
    static bool registered = false;
    call([] {
        if (!registered) CacheRegisterRelcacheCallback(note_relation_change, 0);
        registered = true;
        // Locks do this as a rule; a transaction that holds its locks already would not hear of changes.
        AcceptInvalidationMessages();
    });
    if (cache.generation != generation)
        cache = {.generation = generation, .categories = {}, .builtin = {}, .own = {}};
}

}  // namespace

const rule* tenant_rules::match(const signals_view& visit) const {
    const rule* found = own ? own->match(visit) : nullptr;
    return found != nullptr ? found : builtin->match(visit);
}

tenant_rules rules_of(const std::optional<pg_uuid_t>& tenant) {
    catch_up();
    if (!cache.builtin) load_builtin();
    if (!tenant) return {nullptr, cache.builtin};
    tenant_key key;
    std::memcpy(key.data(), tenant->data, key.size());
    auto entry = cache.own.find(key);
    if (entry == cache.own.end()) {
        if (cache.own.size() >= max_tenants) cache.own.clear();
        entry = cache.own.emplace(key, load_own(*tenant)).first;
    }
    return {entry->second, cache.builtin};
}

}  // namespace attribution::channels
