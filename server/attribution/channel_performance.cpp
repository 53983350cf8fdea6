#include "server/attribution/channel_performance.hpp"

#include <algorithm>
#include <array>

#include "core/money/money.hpp"
#include "server/attribution/day_range.hpp"
#include "server/db/write_json.hpp"
#include "server/http/cursor.hpp"
#include "server/http/parameter.hpp"

namespace attribution::report {

namespace {

constexpr int longest_range = 3660;  // days
constexpr http::page_sizes sizes{100, 1000};

constexpr std::array routes_of_channels{
    http::route{"GET", "/api/attribution/channels", http::member<&channel_performance::show>},
};

// $1: the model that is asked for, or NULL: the only one that is active. NULL when there is none.
constexpr db::statement choose_model{
    "choose_model",
    "SELECT CASE WHEN $1::text IS NULL"
    "            THEN (SELECT min(m.name) FROM attribution.attribution_models AS m"
    "                   WHERE m.tenant_id = attribution.current_tenant() AND m.active"
    "                  HAVING count(*) = 1)"
    "            ELSE (SELECT m.name FROM attribution.attribution_models AS m"
    "                   WHERE m.tenant_id = attribution.current_tenant() AND m.name = $1) END"};

// Of the reports of a basis: `told` by models, `booked` in all.
#define ATTRIBUTION_CASH                                                                       \
    "WITH told AS (SELECT p.local_day AS day, p.* FROM attribution.channel_performance AS p)," \
    " booked AS (SELECT r.local_day AS day, r.* FROM attribution.daily_revenue_summary AS r)"
#define ATTRIBUTION_COHORT                                                                           \
    "WITH told AS (SELECT p.sale_day AS day, p.* FROM attribution.cohort_channel_performance AS p)," \
    " booked AS (SELECT r.sale_day AS day, r.* FROM attribution.cohort_revenue_summary AS r)"

// $1: from, $2: to, $3: model, $4: granularity, $5: what by; $6 to $9: the row after which the page begins,
// or NULL; $10: how many. Sums are numeric until they are shown. 30 decimals make rounding to 4 exact: no
// ratio of two amounts is nearer to a half than that without being one.
#define ATTRIBUTION_PAGE                                                                                  \
    ", grouped AS ("                                                                                      \
    "    SELECT CASE WHEN $4::text = 'total' THEN $1::date"                                               \
    "                ELSE greatest(date_trunc($4, t.day::timestamp)::date, $1) END AS period,"            \
    "           t.currency::text AS currency, t.channel,"                                                 \
    "           CASE WHEN $5::text = 'campaign' THEN t.campaign ELSE '' END AS campaign,"                 \
    "           sum(t.revenue_minor) AS revenue, sum(t.sales) AS sales, sum(t.spend_minor) AS spend,"     \
    "           sum(t.impressions) AS impressions, sum(t.clicks) AS clicks"                               \
    "      FROM told AS t"                                                                                \
    "     WHERE t.tenant_id = attribution.current_tenant() AND t.model = $3::text"                        \
    "       AND t.day >= $1 AND t.day < $2::date"                                                         \
    "     GROUP BY 1, 2, 3, 4"                                                                            \
    "), shared AS ("                                                                                      \
    "    SELECT g.*, sum(g.revenue) OVER whole AS all_revenue, sum(g.spend) OVER whole AS all_spend"      \
    "      FROM grouped AS g WINDOW whole AS (PARTITION BY g.period, g.currency)"                         \
    ") SELECT to_char(s.period, 'YYYY-MM-DD'),"                                                           \
    "         to_char(CASE WHEN $4 = 'total' THEN $2"                                                     \
    "                      ELSE least(date_trunc($4, s.period::timestamp) + ('1 ' || $4)::interval, $2)"  \
    "                      END, 'YYYY-MM-DD'),"                                                           \
    "         s.currency, s.channel, s.campaign, s.revenue::bigint, s.spend::bigint,"                     \
    "         s.impressions::bigint, s.clicks::bigint, round(s.sales, 4),"                                \
    "         CASE WHEN s.all_revenue > 0 THEN round(s.revenue::numeric(60, 30) / s.all_revenue, 4) END," \
    "         CASE WHEN s.all_spend > 0 THEN round(s.spend::numeric(60, 30) / s.all_spend, 4) END,"       \
    "         round(s.revenue::numeric(60, 30) / nullif(s.spend, 0), 4),"                                 \
    "         round(nullif(s.spend, 0)::numeric(60, 30) / nullif(s.sales, 0), 4)"                         \
    "    FROM shared AS s"                                                                                \
    "   WHERE $6::date IS NULL"                                                                           \
    "      OR (s.period, s.currency COLLATE \"C\", s.channel COLLATE \"C\", s.campaign COLLATE \"C\")"    \
    "         > ($6, $7::text, $8::text, $9::text)"                                                       \
    "   ORDER BY s.period, s.currency COLLATE \"C\", s.channel COLLATE \"C\", s.campaign COLLATE \"C\""   \
    "   LIMIT $10::integer + 1"

// What the ledger has in the range and the model has not divided. $1 to $3 as above.
#define ATTRIBUTION_UNDIVIDED                                                           \
    " SELECT d.currency, sum(d.minor)::bigint"                                          \
    "   FROM (SELECT b.currency::text AS currency, b.amount_minor AS minor"             \
    "           FROM booked AS b"                                                       \
    "          WHERE b.tenant_id = attribution.current_tenant()"                        \
    "            AND b.day >= $1::date AND b.day < $2::date"                            \
    "          UNION ALL"                                                               \
    "         SELECT t.currency::text, -t.revenue_minor"                                \
    "           FROM told AS t"                                                         \
    "          WHERE t.tenant_id = attribution.current_tenant() AND t.model = $3::text" \
    "            AND t.day >= $1 AND t.day < $2) AS d"                                  \
    "  GROUP BY 1 HAVING sum(d.minor) <> 0 ORDER BY 1"

struct basis {
    std::string_view name;
    db::statement page;
    db::statement undivided;
};

constexpr std::array bases{
    basis{"cash",
          {"channels_cash", ATTRIBUTION_CASH ATTRIBUTION_PAGE},
          {"undivided_cash", ATTRIBUTION_CASH ATTRIBUTION_UNDIVIDED}},
    basis{"cohort",
          {"channels_cohort", ATTRIBUTION_COHORT ATTRIBUTION_PAGE},
          {"undivided_cohort", ATTRIBUTION_COHORT ATTRIBUTION_UNDIVIDED}},
};

#undef ATTRIBUTION_UNDIVIDED
#undef ATTRIBUTION_PAGE
#undef ATTRIBUTION_COHORT
#undef ATTRIBUTION_CASH

// What is asked for. A cursor fixes what the first page had by default: days go on, and models come.
struct question {
    std::optional<std::string> from, to, model;
    std::string granularity, by;
    const basis* days;
    int size;
    std::string list;
    std::optional<std::vector<std::string>> after;  // to, model, and the key of a row
};

constexpr std::size_t fixed_parts = 2;
constexpr std::size_t key_parts = 4;

// One of these texts; the first when the parameter is absent.
std::string choice_of(const http::request& r, std::string_view name,
                      const std::vector<std::string_view>& choices) {
    std::string rule = "It is one of:";
    for (const std::string_view choice : choices) rule.append(" ").append(choice);
    const auto is_choice = [&](std::string_view text) {
        return std::find(choices.begin(), choices.end(), text) != choices.end();
    };
    return http::parameter_of(r, name, is_choice, rule).value_or(std::string(choices.front()));
}

question question_of(const http::request& r, const std::string& tenant_id) {
    question q{day_of(r, "from"),
               day_of(r, "to"),
               model_of(r),
               choice_of(r, "granularity", {"total", "day", "week", "month"}),
               choice_of(r, "by", {"channel", "campaign"}),
               choice_of(r, "basis", {bases[0].name, bases[1].name}) == bases[0].name ? &bases[0] : &bases[1],
               http::page_size_of(r, sizes),
               "channels " + tenant_id,
               std::nullopt};
    q.list += ' ' + q.from.value_or("") + ' ' + q.to.value_or("") + ' ' + q.model.value_or("") + ' ' +
              q.granularity + ' ' + q.by;
    q.list.append(" ").append(q.days->name);
    q.after = http::cursor_of(r, q.list, fixed_parts + key_parts);
    if (q.after) {
        const std::vector<std::string>& parts = *q.after;
        if (!is_day(parts[0]) || !is_day(parts[fixed_parts]) ||
            !std::all_of(parts.begin() + 1, parts.end(), http::is_free_of_pii))
            throw http::unusable_cursor();
        q.to = (*q.after)[0];
        q.model = (*q.after)[1];
    }
    return q;
}

std::vector<db::call> calls_for(const question& q, const day_range& range, const std::string& model) {
    std::vector<db::call> calls;
    db::call& page = calls.emplace_back(q.days->page, range.from, range.to, model, q.granularity, q.by);
    for (std::size_t i = 0; i < key_parts; ++i)
        page.parameters.push_back(q.after ? std::optional((*q.after)[fixed_parts + i]) : std::nullopt);
    page.parameters.emplace_back(std::to_string(q.size));
    calls.emplace_back(q.days->undivided, range.from, range.to, model);
    return calls;
}

http::problem no_single_model() {
    return http::problem(400,
                         "The parameter model is missing, and the tenant has not exactly one active model.",
                         "Name one of those that GET /api/attribution/models lists.");
}

// "8057.1234" cents are "80.571234" dollars: the same number, with its point moved.
std::string in_whole_units(std::string_view minor, money::currency in) {
    const auto decimals = static_cast<std::size_t>(in.exponent());
    std::string text(minor);
    std::size_t point = text.find('.');
    text.erase(point, 1);
    if (point <= decimals) {
        text.insert(0, decimals + 1 - point, '0');
        point = decimals + 1;
    }
    return text.insert(point - decimals, 1, '.');
}

void write_cpa(json::writer& out, const db::result& rows, int row, int column, std::string_view currency) {
    db::write_text(out, "cpa_minor", rows, row, column);
    if (rows.is_null(row, column))
        out.key("cpa").null();
    else
        out.member("cpa", in_whole_units(rows.text(row, column), money::currency::from_code(currency)));
}

void write_row(json::writer& out, const db::result& rows, int row, bool by_campaign) {
    const std::string_view currency = rows.text(row, 2);
    out.begin_object().member("from", rows.text(row, 0)).member("to", rows.text(row, 1));
    out.member("currency", currency).member("channel", rows.text(row, 3));
    if (by_campaign) out.member("campaign", rows.text(row, 4));
    write_money(out, "revenue", integer(rows.text(row, 5)), currency);
    db::write_text(out, "revenue_share", rows, row, 10);
    db::write_text(out, "sales", rows, row, 9);
    write_money(out, "spend", integer(rows.text(row, 6)), currency);
    db::write_text(out, "spend_share", rows, row, 11);
    db::write_number(out, "impressions", rows, row, 7);
    db::write_number(out, "clicks", rows, row, 8);
    db::write_text(out, "roas", rows, row, 12);
    write_cpa(out, rows, row, 13, currency);
    out.end_object();
}

void write_undivided(json::writer& out, const db::result& rows) {
    out.key("undivided_revenue").begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        out.begin_object().member("currency", rows.text(row, 0));
        write_money(out, "amount", integer(rows.text(row, 1)), rows.text(row, 0));
        out.end_object();
    }
    out.end_array();
}

std::string write_page(const question& q, const day_range& range, std::string_view model,
                       const db::result& rows, const db::result& undivided) {
    json::writer out;
    out.begin_object();
    write_range(out, range);
    out.member("model", model).member("basis", q.days->name).member("granularity", q.granularity);
    out.member("by", q.by);
    write_undivided(out, undivided);
    out.key("channels").begin_array();
    const int shown = std::min(rows.rows(), q.size);
    for (int row = 0; row < shown; ++row) write_row(out, rows, row, q.by == "campaign");
    out.end_array();
    std::optional<std::string> next;
    if (const int last = shown - 1; rows.rows() > q.size)
        next = http::write_cursor(q.list, {range.to, model, rows.text(last, 0), rows.text(last, 2),
                                           rows.text(last, 3), rows.text(last, 4)});
    write_next_cursor(out, next);
    out.end_object();
    return std::move(out).text();
}

}  // namespace

std::span<const http::route> channel_performance::routes() {
    return routes_of_channels;
}

task<http::response> channel_performance::show(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const question q = question_of(r, tenant_id);
    std::vector<db::call> calls;
    calls.push_back(asks_for_range(q.from, q.to));
    calls.emplace_back(choose_model, q.model);
    const auto said = co_await reader_.read(r, tenant_id, std::move(calls));
    const day_range range = read_range(said[0], longest_range);
    if (said[1].is_null(0, 0)) throw q.model ? no_such_model() : no_single_model();
    const std::string model(said[1].text(0, 0));
    const auto results = co_await reader_.read(r, tenant_id, calls_for(q, range, model));
    co_return answer(r, write_page(q, range, model, results[0], results[1]));
}

}  // namespace attribution::report
