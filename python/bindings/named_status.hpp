#pragma once

#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "varimix/core/column_names.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/batch_report.hpp"

namespace varimix::python {

/// Returns a detail in which the columns that it begins with, as list_columns writes them, have their names. A detail
/// of other words, or of columns beyond the names, stays as it is.
inline std::string with_names(const std::string& detail, std::span<const std::string> names) {
  constexpr std::string_view kOne = "column ";
  constexpr std::string_view kMany = "columns ";
  constexpr std::string_view kSeparator = ", ";
  const std::string_view word = detail.starts_with(kMany) ? kMany : kOne;
  if (!detail.starts_with(word)) return detail;
  std::string named(word);
  const char* const end = detail.data() + detail.size();
  for (const char* at = detail.data() + word.size();;) {
    std::size_t column = 0;
    const auto [after, error] = std::from_chars(at, end, column);
    if (error != std::errc{} || column >= names.size()) return detail;
    named += "'" + names[column] + "'";
    const std::string_view rest(after, end);
    if (!rest.starts_with(kSeparator)) return named + std::string(rest);
    named += kSeparator;
    at = after + kSeparator.size();
  }
}

/// Returns a status that speaks of columns by name, where they have names.
inline Status named(const Status& status, const ColumnNames& columns) {
  if (columns.empty()) return status;
  std::vector<StatusEntry> entries = status.entries();
  for (StatusEntry& entry : entries) entry.detail = with_names(entry.detail, columns.names());
  return Status(std::move(entries));
}

/// Returns a result or report of rows of such columns with its status by name.
template <class Result>
Result named(Result result, const ColumnNames& columns) {
  result.status = named(result.status, columns);
  return result;
}

}  // namespace varimix::python
