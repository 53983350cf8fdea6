#include "server/webhooks/receiver.hpp"

#include <algorithm>

#include "core/json/writer.hpp"
#include "server/http/log.hpp"
#include "server/webhooks/relay.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::size_t answer_size = 256;  // enough for the answer's text
constexpr std::size_t longest_topic = 100;

// A topic ends up in the database, and who sends it may have written anything: parts of small letters, digits
// and _, each beginning with a letter.
bool is_topic(std::string_view text, char separator) {
    if (text.size() > longest_topic) return false;
    bool begins = true;
    for (const char c : text) {
        const bool letter = c >= 'a' && c <= 'z';
        const bool inner = letter || (c >= '0' && c <= '9') || c == '_';
        if (begins ? !letter : !(inner || c == separator)) return false;
        begins = c == separator;
    }
    return !begins;
}

void refuse_repeated(const http::request& r, std::string_view header) {
    if (header.empty()) return;
    const auto times = std::count_if(r.fields.begin(), r.fields.end(), [header](const http::field& f) {
        return http::equals_ignoring_case(f.name, header);
    });
    if (times > 1)
        throw http::problem(400, "The header " + std::string(header) + " is given more than once.",
                            "Send it once: which of them counts would be a guess.");
}

http::response answer_of(const ingestion::receipt& stored, std::string_view correlation_id) {
    json::writer body(answer_size);
    body.begin_object().member("status", stored.status).key("event_id");
    if (stored.event_id.empty()) {
        body.null();
    } else {
        body.string(stored.event_id);
    }
    body.member("correlation_id", correlation_id).end_object();
    http::response reply;
    reply.body = std::move(body).text();
    return reply;
}

}  // namespace

receiver::receiver(const provider& from, ingestion::gateway& to, const secret_box& secrets,
                   certificate_source& certificates)
    : provider_(from),
      relayed_(relayed(from)),
      gateway_(to),
      secrets_(secrets),
      certificates_(certificates),
      bare_path_("/webhooks/" + std::string(from.name)),
      any_topic_(bare_path_ + "/*") {}

void receiver::mount_on(http::router& router) {
    const auto mount = [&](std::string_view path) {
        const http::route at{"POST", path, http::member<&receiver::receive>, http::member<&receiver::admit>};
        router.mount(*this, {&at, 1});
    };
    for (const std::string_view path : provider_.topic_paths) mount(path);
    mount(bare_path_);
    mount(any_topic_);
}

task<void> receiver::admit(const http::request& head) {
    for (const std::string_view name :
         {provider_.signature_header, relayed_.signature_header, provider_.topic_header, provider_.key_header,
          provider_.account_header})
        refuse_repeated(head, name);
    for (const std::string_view name : provider_.further_headers) refuse_repeated(head, name);
    const bool may_be_ping = fits_ping(head);
    if (!may_be_ping || head.path != bare_path_) (void)topic_of(head);
    // Who shows no signature at all does not learn which endpoints there are.
    if (!may_be_ping && !head.header(relayed_.signature_header)) require_headers(provider_, head);
    const std::shared_ptr<const ingestion::endpoint> to = co_await endpoint_of(head);
    if (!may_be_ping) require_headers(signer_for(*to), head);
}

task<http::response> receiver::receive(const http::request& r) {
    const std::shared_ptr<const ingestion::endpoint> to = co_await endpoint_of(r);
    if (fits_ping(r) && provider_.ping.is(r.body)) co_return answer_of({"ignored", ""}, r.correlation_id);
    require_headers(signer_for(*to), r);
    const judgement signature = co_await require_signature(r, *to);
    note_other_account(r, *to);
    const std::string topic = topic_of(r);
    const ingestion::delivery d{.to = to,
                                .topic = topic,
                                .key = r.header(provider_.key_header).value_or(""),
                                .transmission_id = signature.transmission_id,
                                .test_mode = signature.test_mode,
                                .body = r.body,
                                .correlation_id = r.correlation_id};
    const ingestion::receipt stored = co_await gateway_.deliver(d);
    co_return answer_of(stored, r.correlation_id);
}

bool receiver::fits_ping(const http::request& head) const {
    return provider_.ping.fits != nullptr && provider_.ping.fits(head);
}

// As the provider writes it. Empty: the body names it.
std::string receiver::topic_of(const http::request& r) const {
    std::string_view path = r.path;
    path.remove_prefix(bare_path_.size());
    if (!path.empty()) {
        path.remove_prefix(1);
        if (!is_topic(path, '/'))
            throw http::problem(
                404, "This path is not a topic.",
                "Use " + bare_path_ + "/ and the topic, such as orders/create, or " + bare_path_ + " alone.");
        std::string topic(path);
        std::replace(topic.begin(), topic.end(), '/', provider_.topic_separator);
        return topic;
    }
    if (provider_.topic_header.empty()) return {};
    const std::string_view topic = r.header(provider_.topic_header).value_or("");
    if (!is_topic(topic, provider_.topic_separator))
        throw http::problem(
            400,
            "The header " + std::string(provider_.topic_header) + " is missing or does not hold a topic.",
            "Send it, or use a path that ends in the topic.");
    return std::string(topic);
}

task<std::shared_ptr<const ingestion::endpoint>> receiver::endpoint_of(const http::request& r) {
    const auto id = r.parameter("endpoint");
    if (!id)
        throw http::problem(
            400,
            r.repeated("endpoint") ? "The parameter endpoint is given more than once."
                                   : "The parameter endpoint is missing.",
            "Use the URL path?endpoint=whe_… with the id that `attributiond endpoint create` printed.");
    auto found = co_await gateway_.find_endpoint(*id);
    if (!found || found->provider != provider_.name)
        throw http::problem(
            404, "There is no active " + std::string(provider_.title) + " endpoint with this id.",
            "Create one with `attributiond endpoint create --provider " + std::string(provider_.name) + "`.");
    co_return found;
}

void receiver::require_headers(const provider& signer, const http::request& r) {
    const auto require = [&](std::string_view name) {
        if (r.header(name).value_or("").empty())
            throw unsigned_problem(signer, "The header " + std::string(name) + " is missing or empty.");
    };
    require(signer.signature_header);
    for (const std::string_view name : signer.further_headers) require(name);
}

const provider& receiver::signer_for(const ingestion::endpoint& to) const {
    return to.signature == "hmac" ? relayed_ : provider_;
}

task<judgement> receiver::require_signature(const http::request& r, const ingestion::endpoint& to) const {
    judgement signature = co_await check_with(to.secret_ciphertext, r, to);
    // While a secret is being changed, deliveries signed with the one before still come.
    if (signature.found == verdict::wrong && !to.previous_secret_ciphertext.empty())
        signature = co_await check_with(to.previous_secret_ciphertext, r, to);
    const provider& signer = signer_for(to);
    switch (signature.found) {
        case verdict::good:
            break;
        case verdict::malformed:
            throw unsigned_problem(signer, !signature.detail.empty()
                                               ? std::string(signature.detail)
                                               : "The header " + std::string(signer.signature_header) +
                                                     " does not have its form.");
        case verdict::wrong:
            throw unsigned_problem(signer, "The signature does not belong to this body.");
        case verdict::out_of_time:
            throw unsigned_problem(
                signer, "The signature is genuine, but was made too long before or after this server's time.",
                "Either the clock of this server is wrong, or an old delivery is played back: providers sign "
                "each retry anew.");
    }
    co_return signature;
}

task<judgement> receiver::check_with(std::string_view secret_ciphertext, const http::request& r,
                                     const ingestion::endpoint& to) const {
    using std::chrono::system_clock;
    const std::string secret = secret_of(secret_ciphertext, r, to);
    const signed_delivery given{r, secret, std::chrono::floor<std::chrono::seconds>(system_clock::now()),
                                &certificates_};
    co_return co_await signer_for(to).check(given);
}

std::string receiver::secret_of(std::string_view ciphertext, const http::request& r,
                                const ingestion::endpoint& to) const {
    try {
        return secrets_.decrypt(ciphertext);
    } catch (const std::runtime_error& e) {
        log::write(log::level::error, "secret_unreadable", "correlation_id", r.correlation_id, "endpoint_id",
                   to.id, "reason", e.what());
        throw http::problem(500, "The secret of this endpoint cannot be read.",
                            "Start the server with the master key under which the secret was encrypted.");
    }
}

http::problem receiver::unsigned_problem(const provider& signer, std::string detail, std::string_view hint) {
    return http::problem(401, std::move(detail), std::string(hint.empty() ? signer.signature_hint : hint))
        .with("WWW-Authenticate", std::string(signer.signature_header));
}

// The header is not part of what is signed: a difference is worth a look, not a refusal.
void receiver::note_other_account(const http::request& r, const ingestion::endpoint& to) const {
    if (provider_.account_header.empty()) return;
    const auto account = r.header(provider_.account_header);
    const auto is_same =
        provider_.is_same_account != nullptr ? provider_.is_same_account : &http::equals_ignoring_case;
    if (account && !is_same(*account, to.account))
        log::write(log::level::warn, "other_account", "correlation_id", r.correlation_id, "endpoint_id",
                   to.id);
}

}  // namespace attribution::webhooks
