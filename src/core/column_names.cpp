#include "varimix/core/column_names.hpp"

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

bool is_utf8(const std::string& text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  for (auto at = text.begin(); at != text.end();) {
    if (!boost::locale::utf::is_valid_codepoint(Utf8::decode(at, text.end()))) return false;
  }
  return true;
}

}  // namespace

ColumnNames::ColumnNames(std::vector<std::string> names) {
  require(!names.empty(), "columns", "one name or more", "none");
  for (std::size_t j = 0; j < names.size(); ++j) {
    const std::string name = "name " + std::to_string(j) + " of the columns";
    if (names[j].empty()) require(false, name, "a text that is not empty", "''");
    if (!is_utf8(names[j])) require(false, name, "UTF-8", "other bytes");
  }
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) require(false, "columns", "different names", "'" + *twice + "' more than once");
  names_ = std::make_shared<const std::vector<std::string>>(std::move(names));
}

bool ColumnNames::operator==(const ColumnNames& other) const noexcept {
  if (names_ == other.names_) return true;
  return names_ != nullptr && other.names_ != nullptr && *names_ == *other.names_;
}

bool may_be_same(const ColumnNames& left, const ColumnNames& right) noexcept {
  return left.empty() || right.empty() || left == right;
}

std::string to_text(const ColumnNames& names, Index most) {
  if (names.empty()) return "none";
  const Index size = names.size();
  std::string text;
  for (Index j = 0; j < size; ++j) {
    const bool is_left_out = size > most && j >= most - 1 && j < size - 1;
    if (is_left_out && j > most - 1) continue;
    text += j == 0 ? "[" : ", ";
    text += is_left_out ? "..." : "'" + names.names()[static_cast<std::size_t>(j)] + "'";
  }
  return text + "]";
}

}  // namespace varimix
