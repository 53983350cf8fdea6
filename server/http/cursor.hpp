// Pages of a list: `limit` says how long one is, `cursor` where it begins. A cursor is the key of the last
// row of the page before, so that rows which come or go meanwhile neither repeat nor hide others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/problem.hpp"
#include "server/http/types.hpp"

namespace attribution::http {

// A number from 1 to the largest, else nullopt.
std::optional<int> number_up_to(int largest, std::string_view text);

struct page_sizes {
    int usual;
    int largest;
};

// The parameter limit. Throws problem 400 for what is no size from 1 to the largest.
int page_size_of(const request& r, page_sizes sizes);

// A key as opaque text. `list` names the list that is read: whose, what, by which parameters.
std::string write_cursor(std::string_view list, const std::vector<std::string_view>& key);

// The key in the parameter cursor, as many parts as the list's keys have; nullopt on the first page. Throws
// problem 400 for what write_cursor() did not make for this list: a cut or changed text, or the cursor of
// another list.
// Cursors are no secret, so one can be made up: check that its parts are what the database takes them for.
std::optional<std::vector<std::string>> cursor_of(const request& r, std::string_view list, std::size_t parts);

// A part that the database is asked for can reach its log; what the database holds has no personal data in
// it.
bool is_free_of_pii(std::string_view part);

// 400 for a cursor whose parts are of another form.
problem unusable_cursor();

}  // namespace attribution::http
