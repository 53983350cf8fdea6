#include "extension/src/guard.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace attribution::detail {

namespace {

template <std::size_t size>
void copy_text(std::array<char, size>& to, std::string_view from) {
    const std::size_t length = std::min(from.size(), size - 1);
    std::memcpy(to.data(), from.data(), length);
    to[length] = '\0';
}

// Cuts a character that copy_text left in half.
const char* whole_characters(char* text) {
    const int length = static_cast<int>(std::strlen(text));
    text[pg_mbcliplen(text, length, length)] = '\0';
    return text;
}

int packed_sqlstate(std::string_view sqlstate) {
    return sqlstate.size() == 5
               ? MAKE_SQLSTATE(sqlstate[0], sqlstate[1], sqlstate[2], sqlstate[3], sqlstate[4])
               : ERRCODE_INTERNAL_ERROR;
}

}  // namespace

void failure::note(int sqlerrcode, std::string_view message, std::string_view detail, std::string_view hint) {
    sqlerrcode_ = sqlerrcode;
    copy_text(message_, message);
    copy_text(detail_, detail);
    copy_text(hint_, hint);
}

void failure::raise() const {
    if (postgres_error_) PG_RE_THROW();
    failure copy = *this;
    ereport(ERROR,
            (errcode(copy.sqlerrcode_), errmsg_internal("%s", whole_characters(copy.message_.data())),
             copy.detail_[0] == '\0' ? 0 : errdetail_internal("%s", whole_characters(copy.detail_.data())),
             copy.hint_[0] == '\0' ? 0 : errhint("%s", whole_characters(copy.hint_.data()))));
    pg_unreachable();
}

void note_current_exception(failure& failure) noexcept {
    try {
        throw;
    } catch (const pg_error&) {
        failure.note_postgres_error();
    } catch (const error& e) {
        failure.note(packed_sqlstate(e.sqlstate()), e.what(), e.detail(), e.hint());
    } catch (const std::bad_alloc&) {
        failure.note(ERRCODE_OUT_OF_MEMORY, "out of memory", "Failed in a function of pg_attribution.");
    } catch (const std::exception& e) {
        failure.note(ERRCODE_INTERNAL_ERROR, e.what());
    } catch (...) {
        failure.note(ERRCODE_INTERNAL_ERROR, "unexpected exception in pg_attribution");
    }
}

}  // namespace attribution::detail
