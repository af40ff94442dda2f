#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "field.hpp"
#include "varimix/core/choice.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/key.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// A double may be written as any number, also as an integer.
template <>
struct Codec<double> {
  static Json encode(double value) { return value; }
  static double decode(const Field& field);
};

template <>
struct Codec<bool> {
  static Json encode(bool value) { return value; }
  static bool decode(const Field& field);
};

/// A count is an integer from 0 to kLargestCount.
template <>
struct Codec<std::int64_t> {
  static Json encode(std::int64_t value) { return value; }
  static std::int64_t decode(const Field& field);
};

template <>
struct Codec<int> {
  static Json encode(int value) { return value; }
  static int decode(const Field& field);
};

/// A word of 64 bits is an integer from 0 to 2^64 - 1.
template <>
struct Codec<std::uint64_t> {
  static Json encode(std::uint64_t value) { return value; }
  static std::uint64_t decode(const Field& field);
};

template <>
struct Codec<std::string> {
  static Json encode(const std::string& value) { return value; }
  static std::string decode(const Field& field);
};

/// An enumerator is written as its word.
template <Choice E>
struct Codec<E> {
  static Json encode(E value) { return std::string(word(value)); }
  static E decode(const Field& field) {
    E value{};
    field.require(find_choice(Codec<std::string>::decode(field), value), list_words<E>());
    return value;
  }
};

/// An empty optional is null.
template <class T>
struct Codec<std::optional<T>> {
  static Json encode(const std::optional<T>& value) { return value ? Codec<T>::encode(*value) : Json(nullptr); }
  static std::optional<T> decode(const Field& field) {
    if (field.json().is_null()) return std::nullopt;
    return Codec<T>::decode(field);
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static Json encode(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(Codec<T>::encode(value));
    return list;
  }
  static std::vector<T> decode(const Field& field) {
    field.require(field.json().is_array(), "a list");
    std::vector<T> values;
    values.reserve(field.json().size());
    for (std::size_t k = 0; k < field.json().size(); ++k) values.push_back(Codec<T>::decode(field.at(k)));
    return values;
  }
};

template <class T, std::size_t kSize>
struct Codec<std::array<T, kSize>> {
  static Json encode(const std::array<T, kSize>& values) {
    return Codec<std::vector<T>>::encode({values.begin(), values.end()});
  }
  static std::array<T, kSize> decode(const Field& field) {
    field.require(field.json().is_array() && field.json().size() == kSize, "a list of " + std::to_string(kSize));
    std::array<T, kSize> values;
    for (std::size_t k = 0; k < kSize; ++k) values[k] = Codec<T>::decode(field.at(k));
    return values;
  }
};

/// A vector is a list of numbers.
template <>
struct Codec<Vector> {
  static Json encode(const Vector& value);
  static Vector decode(const Field& field);
};

/// A matrix is a list of rows of equal length.
template <>
struct Codec<Matrix> {
  static Json encode(const Matrix& value);
  static Matrix decode(const Field& field);
};

/// A key is a list of its two words.
template <>
struct Codec<Key> {
  static Json encode(const Key& value);
  static Key decode(const Field& field);
};

/// An outcome has its code by name; first_step is null if it belongs to no step.
template <>
struct Codec<StatusEntry> {
  static Json encode(const StatusEntry& value);
  static StatusEntry decode(const Field& field);
};

template <>
struct Codec<Status> {
  static Json encode(const Status& value);
  static Status decode(const Field& field);
};

template <>
inline constexpr auto kMembers<EtaField> = std::tuple(member("name", &EtaField::name),
                                                      member("statistic", &EtaField::statistic),
                                                      member("y_power", &EtaField::y_power),
                                                      member("parent", &EtaField::parent));

/// An eta is written with its layout, whose d is the size of the origin. Reading checks that the sizes agree, and takes
/// any numbers.
template <>
struct Codec<Eta> {
  static Json encode(const Eta& eta);
  static Eta decode(const Field& field);
};

}  // namespace varimix
