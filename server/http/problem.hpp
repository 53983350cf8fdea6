// Errors as RFC 9457 problem+json. Handlers throw a problem; the session answers with it.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::http {

struct problem final : std::exception {
    problem(int status_code, std::string_view problem_name, std::string_view problem_title,
            std::string detail_text, std::string hint_text = {});

    // A problem that HTTP itself names: type and title come from the status.
    problem(int status_code, std::string detail_text, std::string hint_text = {});

    const char* what() const noexcept override { return detail.c_str(); }

    // Adds a response header (WWW-Authenticate, Retry-After, Allow).
    problem&& with(std::string name, std::string value) &&;

    int status;
    std::string name;  // the last part of the problem's type URN
    std::string title;
    std::string detail;
    std::string hint;
    std::vector<std::pair<std::string, std::string>> fields;
};

// 503 that asks the client to come back.
problem unavailable(std::string detail, int retry_after_seconds = 2,
                    std::string hint = "Send the request again later; it is safe to repeat.");

// The one way from a SQLSTATE to an answer: ours by the table in core/errors.hpp, PostgreSQL's by class.
// Details of unexpected errors stay in the log.
problem problem_from_sqlstate(std::string_view sqlstate, std::string_view detail, std::string_view hint);

response to_response(const problem& p, std::string_view correlation_id);

}  // namespace attribution::http
