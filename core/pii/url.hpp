// What may be kept of a URL: its host, its path when nothing in it is personal or secret, and marketing
// parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attribution::pii {

struct url_parameter {
    std::string name;  // small letters
    std::string
        value;  // decoded and cleaned; always empty for click ids, whose value identifies a person's click
};

struct cleaned_url {
    std::string host;                       // small letters, no port, no user info; empty for a relative URL
    std::string path;                       // begins with '/'; empty when it was dropped
    std::vector<url_parameter> parameters;  // known utm_* with a value, and click ids, as in the URL
};

// Never throws; what cannot be understood is left out. Everything in the result has passed find().
cleaned_url clean_url(std::string_view url);

// The host of an absolute URL (or of a bare "host/path"), in small letters; empty when there is none.
std::string url_host(std::string_view url);

// The name under which a click id is known ("ScCid" → "sccid"), or empty when the name is no click id.
std::string_view click_id_name(std::string_view name);

}  // namespace attribution::pii
