#include <algorithm>
#include <cctype>
#include <cstddef>
#include <numeric>
#include <vector>

#include "varimix/core/choice.hpp"

namespace varimix {
namespace {

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Returns how many letters must be added, left out or exchanged to make one text of the other (Levenshtein, 1966).
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> edits(b.size() + 1);  // from the letters of a so far to the first j of b
  std::iota(edits.begin(), edits.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = edits[0];
    edits[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t exchanged = diagonal + (same_letter(a[i], b[j]) ? 0 : 1);
      diagonal = edits[j + 1];
      edits[j + 1] = std::min({diagonal + 1, edits[j] + 1, exchanged});
    }
  }
  return edits.back();
}

}  // namespace

std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words) {
  const auto nearest = std::min_element(words.begin(), words.end(), [&](std::string_view a, std::string_view b) {
    return edits_between(text, a) < edits_between(text, b);
  });
  const bool is_near = nearest != words.end() && 2 * edits_between(text, *nearest) <= nearest->size();
  return is_near ? *nearest : std::string_view{};
}

}  // namespace varimix
