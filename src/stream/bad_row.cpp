#include "bad_row.hpp"

#include <cmath>
#include <sstream>

namespace varimix {
namespace {

const char* name_of(SourceField field) {
  switch (field) {
    case SourceField::kWeights:
      return "weights";
    case SourceField::kTimes:
      return "times";
    case SourceField::kX:
      break;
  }
  return "source";
}

std::string mistake_of(SourceField field, const std::string& constraint, double value) {
  std::ostringstream text;
  text << name_of(field) << " must be " << constraint << ", got " << value;
  return text.str();
}

}  // namespace

BadRow::BadRow(SourceField field, const std::string& constraint, double value, std::int64_t row, Index column,
               const std::string& hint)
    : BadRow(mistake_of(field, constraint, value), {row, field, column}, hint) {}

BadRow::BadRow(const std::string& mistake, const SourcePlace& place, const std::string& hint)
    : std::invalid_argument(mistake + " in " + describe(place, 0) + hint),
      mistake_(mistake),
      hint_(hint),
      place_(place) {}

std::string describe(const SourcePlace& place, std::int64_t rows_before) {
  std::string text = "row " + std::to_string(rows_before + place.row) + " of the source (counted from 0)";
  if (place.field == SourceField::kX) text += ", column " + std::to_string(place.column);
  return text;
}

void require_learnable(const Batch& batch, Missing missing, double last_time) {
  const bool takes_nan = missing == Missing::kExact;
  for (Index i = 0; i < batch.x.rows(); ++i) {
    for (Index j = 0; j < batch.x.columns(); ++j) {
      const double value = batch.x(i, j);
      if (std::isfinite(value) || (takes_nan && std::isnan(value))) continue;
      throw BadRow(SourceField::kX, takes_nan ? "finite or NaN" : "finite", value, batch.number(i), j,
                   std::isnan(value) ? "; missing=\"exact\" takes NaN as missing at random" : "");
    }
  }
  for (std::size_t i = 0; i < batch.times.size(); ++i) {
    if (batch.times[i] < last_time) {
      throw BadRow(SourceField::kTimes, "no earlier than the row before", batch.times[i],
                   batch.number(static_cast<Index>(i)));
    }
    last_time = batch.times[i];
  }
}

}  // namespace varimix
