#pragma once

#include <array>
#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "varimix/core/require.hpp"

namespace varimix {

/// The words by which Python and checkpoints name the values of an enumeration E, in the order of its enumerators,
/// which count from 0. Each closed set of choices specialises this array beside its enumeration.
template <class E>
inline constexpr std::array<std::string_view, 0> kWords = {};

/// An enumeration that has such words.
template <class E>
concept Choice = kWords<E>
.size() > 0;

/// Returns the word of a value.
template <Choice E>
[[nodiscard]] constexpr std::string_view word(E value) noexcept {
  return kWords<E>[static_cast<std::size_t>(value)];
}

template <Choice E>
std::ostream& operator<<(std::ostream& out, E value) {
  return out << word(value);
}

/// Returns the word of a value in quotes, as messages give it.
template <Choice E>
[[nodiscard]] std::string in_quotes(E value) {
  return std::string("'").append(word(value)).append("'");
}

/// Returns all words of E as messages list them, for example "'error' or 'exact'".
template <Choice E>
[[nodiscard]] std::string list_words() {
  std::string list;
  for (std::size_t k = 0; k < kWords<E>.size(); ++k) {
    const bool is_last = k + 1 == kWords<E>.size();
    list += (k == 0 ? "'" : is_last ? " or '" : ", '") + std::string(kWords<E>[k]) + "'";
  }
  return list;
}

/// Sets out_value to the value of E whose word is `text`, and returns true; returns false if there is none.
template <Choice E>
[[nodiscard]] bool find_choice(std::string_view text, E& out_value) noexcept {
  for (std::size_t k = 0; k < kWords<E>.size(); ++k) {
    if (kWords<E>[k] != text) continue;
    out_value = static_cast<E>(k);
    return true;
  }
  return false;
}

/// Returns the word that takes the fewest changes of letters to make of `text`, if no more than half of its letters
/// change, else "". Capitals count as small letters.
[[nodiscard]] std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words);

/// Returns the value of a word. Throws std::invalid_argument for any other text, naming `argument`, all words and the
/// nearest.
template <Choice E>
[[nodiscard]] E choice_from(std::string_view text, const char* argument) {
  E value{};
  if (find_choice(text, value)) return value;
  std::string given = std::string("'").append(text).append("'");
  const std::string_view nearest = nearest_word(text, kWords<E>);
  if (!nearest.empty()) given.append("; is it '").append(nearest).append("'?");
  require(false, argument, list_words<E>(), given);
  return value;
}

}  // namespace varimix
