// What is kept of a URL: nothing personal, whatever the URL is.
#include "core/pii/detect.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

namespace {

void require_clean(std::string_view text) {
    fuzz::require(!pii::find(text), "nothing is found in what is kept");
    fuzz::require(pii::is_valid_utf8(text), "it can be stored");
}

pii::cleaned_url check(std::string_view url) {
    pii::cleaned_url cleaned = pii::clean_url(url);
    require_clean(cleaned.host);
    require_clean(cleaned.path);
    fuzz::require(cleaned.path.empty() || cleaned.path.front() == '/', "a path begins with a slash");
    for (const pii::url_parameter& one : cleaned.parameters) {
        require_clean(one.name);
        require_clean(one.value);
        fuzz::require(pii::click_id_name(one.name).empty() || one.value.empty(), "click ids have no value");
    }
    require_clean(pii::url_host(url));
    return cleaned;
}

void check_planted(const std::string& url) {
    const pii::cleaned_url cleaned = check(url);
    bool is_gone = cleaned.path.find(fuzz::planted) == std::string::npos;
    for (const pii::url_parameter& one : cleaned.parameters)
        is_gone = is_gone && one.value.find(fuzz::planted) == std::string::npos;
    fuzz::require(is_gone, "a planted address is gone");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string url(fuzz::text_of(data, size));
    check(url);
    if (fuzz::mentions_planted(url)) return 0;
    check_planted(url + "&utm_content=planted.person%40example.org");
    check_planted("/planted.person@example.org/" + url);
    return 0;
}
