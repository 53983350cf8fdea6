#include "tests/pii/corpus.hpp"

#include <stdexcept>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/pii/keys.hpp"

namespace attribution::test {

namespace {

constexpr pii::kind last_kind = pii::kind::personal_key;

pii::kind kind_named(std::string_view wanted) {
    for (int i = 0; i <= static_cast<int>(last_kind); ++i)
        if (pii::name(static_cast<pii::kind>(i)) == wanted) return static_cast<pii::kind>(i);
    throw std::runtime_error("no such label: " + std::string(wanted));
}

std::string step_to(std::string_view name) {
    const bool plain =
        !name.empty() &&
        name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
            std::string_view::npos;
    if (plain) return "." + std::string(name);
    json::writer quoted;
    quoted.string(name);
    return "." + quoted.text();
}

class reader {
  public:
    explicit reader(labelled_body& into) : into_(into) {}

    void read(json::value from, const std::string& holder,
              const std::string& path) {  // NOLINT(misc-no-recursion)
        switch (from.kind()) {
            case json::kind::object:
                if (from.size() == 1 && (*from.begin()).key().starts_with('!'))
                    read_labelled_string(*from.begin(), holder, path);
                else
                    read_members(from, path);
                break;
            case json::kind::array:
                read_elements(from, holder, path);
                break;
            case json::kind::string:
                add({std::string(from.text()), holder, path});
                out_.string(from.text());
                break;
            case json::kind::null:
                out_.null();
                break;
            default:
                out_.raw(from.text());
        }
    }

    std::string payload() && { return std::move(out_).text(); }

  private:
    void add(sample one) { into_.samples.push_back(std::move(one)); }

    void read_labelled_string(json::value from, const std::string& holder, const std::string& path) {
        const std::string_view given = from.key().substr(1);
        if (!from.is_string()) throw std::runtime_error("only strings can have a label");
        sample one{std::string(from.text()), holder, path};
        one.is = given == "not_promised" ? label::not_promised : label::personal;
        if (one.is == label::personal) one.what = kind_named(given);
        add(std::move(one));
        out_.string(from.text());
    }

    void read_members(json::value from, const std::string& path) {  // NOLINT(misc-no-recursion)
        out_.begin_object();
        for (const json::value member : from) {
            std::string_view name = member.key();
            sample one;
            one.is_name = true;
            if (name.starts_with('*') || name.starts_with('?')) {
                one.is = name.front() == '*' ? label::personal : label::not_promised;
                if (one.is == label::personal) one.what = pii::kind::personal_key;
                name.remove_prefix(1);
            }
            one.text = name;
            one.path = path + step_to(name);
            add(one);
            out_.key(name);
            read(member, one.text, one.path);
        }
        out_.end_object();
    }

    void read_elements(json::value from, const std::string& holder,  // NOLINT(misc-no-recursion)
                       const std::string& path) {
        out_.begin_array();
        std::size_t position = 0;
        for (const json::value element : from)
            read(element, holder, path + "[" + std::to_string(position++) + "]");
        out_.end_array();
    }

    labelled_body& into_;
    json::writer out_;
};

}  // namespace

labelled_body read_labelled(std::string origin, std::string_view labelled_json) {
    labelled_body body;
    body.origin = std::move(origin);
    const json::document document = json::parse(labelled_json);
    reader reading(body);
    reading.read(document.root(), "", "$");
    body.payload = std::move(reading).payload();
    return body;
}

std::optional<pii::kind> verdict(const sample& of) {
    if (!of.is_name) return pii::find_in(of.holder, of.text);
    return pii::is_personal_key(of.text) ? pii::kind::personal_key : pii::find(of.text);
}

}  // namespace attribution::test
