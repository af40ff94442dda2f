#include "value_codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace varimix {
namespace {

/// Reads a list of numbers and calls put(k, number) for each. Only a number that is wrong costs a Field, which knows
/// its place.
template <class Put>
void decode_numbers(const Field& field, Put&& put) {
  field.require(field.json().is_array(), "a list of numbers");
  std::size_t k = 0;
  for (const Json& value : field.json()) {
    if (!value.is_number()) field.at(k).require(false, "a number");
    put(static_cast<Index>(k++), value.get<double>());
  }
}

}  // namespace

double Codec<double>::decode(const Field& field) {
  field.require(field.json().is_number(), "a number");
  return field.json().get<double>();
}

bool Codec<bool>::decode(const Field& field) {
  field.require(field.json().is_boolean(), "true or false");
  return field.json().get<bool>();
}

std::int64_t Codec<std::int64_t>::decode(const Field& field) {
  // An unsigned number from 2^63 on becomes a negative one.
  const std::int64_t value = field.json().is_number_integer() ? field.json().get<std::int64_t>() : -1;
  field.require(value >= 0 && value <= kLargestCount, "an integer from 0 to 2^53");
  return value;
}

int Codec<int>::decode(const Field& field) {
  const std::int64_t value = Codec<std::int64_t>::decode(field);
  field.require(value <= std::numeric_limits<int>::max(), "an integer below 2^31");
  return static_cast<int>(value);
}

std::uint64_t Codec<std::uint64_t>::decode(const Field& field) {
  field.require(field.json().is_number_unsigned(), "an integer from 0 to 2^64 - 1");
  return field.json().get<std::uint64_t>();
}

std::string Codec<std::string>::decode(const Field& field) {
  field.require(field.json().is_string(), "text");
  return field.json().get<std::string>();
}

Json Codec<Vector>::encode(const Vector& value) { return std::vector<double>(value.begin(), value.end()); }

Vector Codec<Vector>::decode(const Field& field) {
  Vector out(static_cast<Index>(field.json().size()));
  decode_numbers(field, [&](Index k, double number) { out(k) = number; });
  return out;
}

Json Codec<Matrix>::encode(const Matrix& value) {
  Json rows = Json::array();
  for (Index i = 0; i < value.rows(); ++i) rows.push_back(Codec<Vector>::encode(value.row(i)));
  return rows;
}

Matrix Codec<Matrix>::decode(const Field& field) {
  field.require(field.json().is_array(), "a list of rows");
  const std::size_t rows = field.json().size();
  const std::size_t columns = rows == 0 ? 0 : field.json().front().size();
  // The lengths of all rows are checked before a matrix is made for them.
  for (std::size_t i = 0; i < rows; ++i) {
    const Json& row = field.json()[i];
    if (!row.is_array() || row.size() != columns) field.at(i).require(false, "a row as long as the first");
  }
  Matrix out(static_cast<Index>(rows), static_cast<Index>(columns));
  for (Index i = 0; i < out.rows(); ++i) {
    decode_numbers(field.at(static_cast<std::size_t>(i)), [&](Index j, double number) { out(i, j) = number; });
  }
  return out;
}

Json Codec<Key>::encode(const Key& value) { return Codec<std::array<std::uint64_t, 2>>::encode(value.words()); }

Key Codec<Key>::decode(const Field& field) { return Key::restored(Codec<std::array<std::uint64_t, 2>>::decode(field)); }

Json Codec<StatusEntry>::encode(const StatusEntry& value) {
  MapWriter writer;
  writer("code", std::string(name(value.code)));
  writer("count", value.count);
  writer("first_step", value.first_step < 0 ? std::nullopt : std::optional(value.first_step));
  writer("detail", value.detail);
  return std::move(writer).take();
}

StatusEntry Codec<StatusEntry>::decode(const Field& field) {
  MapReader reader(field);
  const std::optional<StatusCode> code = status_code(reader.get<std::string>("code"));
  reader.field("code").require(code.has_value(), "the name of an outcome");
  StatusEntry entry{.code = *code,
                    .count = reader.get<std::int64_t>("count"),
                    .first_step = reader.get<std::optional<std::int64_t>>("first_step").value_or(-1),
                    .detail = reader.get<std::string>("detail")};
  reader.finish();
  return entry;
}

Json Codec<Status>::encode(const Status& value) { return Codec<std::vector<StatusEntry>>::encode(value.entries()); }

Status Codec<Status>::decode(const Field& field) {
  return field.guarded([&] { return Status(Codec<std::vector<StatusEntry>>::decode(field)); });
}

Json Codec<Eta>::encode(const Eta& eta) {
  MapWriter writer;
  const auto fields = eta.layout.fields();
  writer("fields", std::vector<EtaField>(fields.begin(), fields.end()));
  writer("origin", eta.origin);
  writer("values", eta.values);
  writer("weight", eta.weight);
  return std::move(writer).take();
}

Eta Codec<Eta>::decode(const Field& field) {
  MapReader reader(field);
  const auto origin = reader.get<Vector>("origin");
  const auto fields = reader.get<std::vector<EtaField>>("fields");
  Eta eta = field.guarded([&] { return Eta(EtaLayout(origin.size(), fields), origin); });
  auto values = reader.get<Vector>("values");
  reader.field("values").require(values.size() == eta.layout.size(),
                                 "a list of " + std::to_string(eta.layout.size()) + " numbers, as its fields say");
  eta.values = std::move(values);
  eta.weight = reader.get<double>("weight");
  reader.finish();
  return eta;
}

}  // namespace varimix
