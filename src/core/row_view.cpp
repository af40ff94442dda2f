#include "varimix/core/row_view.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "transpose_rows.hpp"
#include "varimix/core/bad_number.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

Index RowView::rows_of(std::size_t values, Index columns) {
  require(columns >= 1, "columns", ">= 1", columns);
  require(values % static_cast<std::size_t>(columns) == 0, "values", "rows of " + std::to_string(columns) + " columns",
          values);
  return static_cast<Index>(values) / columns;
}

RowView RowView::slice(Index first, Index count) const {
  RowView part = *this;
  part.rows_ = count;
  if (!is_selection_) {
    part.first_ += first;
  } else {
    part.selection_ = selection_.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  }
  return part;
}

RowView RowView::select(std::span<const std::int64_t> rows) const {
  RowView part = *this;
  part.rows_ = static_cast<Index>(rows.size());
  part.is_selection_ = true;
  part.selection_ = rows;
  if (is_selection_) {
    std::vector<std::int64_t> composed(rows.size());
    std::transform(rows.begin(), rows.end(), composed.begin(),
                   [&](std::int64_t row) { return selection_[static_cast<std::size_t>(row)]; });
    part.composed_ = std::make_shared<const std::vector<std::int64_t>>(std::move(composed));
    part.selection_ = *part.composed_;
  }
  return part;
}

std::span<const std::byte> RowView::memory(Index first, Index count) const {
  if (is_selection_ || count == 0) return {};
  return std::visit(
      [&](const auto& layout) -> std::span<const std::byte> {
        if (!layout.is_packed() || layout.step() < columns_ || layout.step() > 2 * columns_) return {};
        const auto* start = layout.column_start(0) + (first_ + first) * layout.step();
        return std::as_bytes(std::span(start, static_cast<std::size_t>((count - 1) * layout.step() + columns_)));
      },
      layout_);
}

namespace {

/// Returns 0 if a value is allowed and NaN otherwise: 0 times a finite value is 0, 0 times any other value is NaN, and NaN
/// is left out where it is allowed.
template <Missing missing>
double zero_if_allowed(double value) {
  return missing == Missing::kError || value == value ? 0.0 * value : 0.0;
}

/// Returns the sum over value(0), ..., value(size - 1).
template <Missing missing, class Value>
double zero_if_allowed(Index size, Value&& value) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (Index k = 0; k < size; ++k) sum += zero_if_allowed<missing>(static_cast<double>(value(k)));
  return sum;
}

}  // namespace

template <class F>
void RowView::with_numbers(Index first, Index count, F&& f) const {
  if (is_selection_) {
    f([chosen = selection_.data() + first](Index i) { return static_cast<Index>(chosen[i]); }, count);
  } else {
    f([first](Index i) { return first + i; }, count);
  }
}

template <Missing missing>
bool RowView::all_allowed() const {
  constexpr Index kManyColumns = 8;  // so many are looked at row by row
  const auto sum_of = [&](const auto& layout) {
    const Index step = layout.step();
    const auto* const start = layout.column_start(0) + first_ * step;
    if (layout.is_packed() && step == columns_ && !is_selection_) {
      return zero_if_allowed<missing>(rows_ * columns_, [start](Index k) { return start[k]; });
    }
    double sum = 0.0;
    with_numbers(0, rows_, [&, step, start](const auto& number, Index rows) {
      if (layout.is_packed() && columns_ >= kManyColumns) {
        for (Index i = 0; i < rows; ++i) {
          const auto* const row = start + number(i) * step;
          sum += zero_if_allowed<missing>(columns_, [row](Index k) { return row[k]; });
        }
        return;
      }
      for (Index j = 0; j < columns_; ++j) {
        const auto* const column = layout.column_start(j) + first_ * step;
        sum += zero_if_allowed<missing>(rows, [&number, column, step](Index i) { return column[number(i) * step]; });
      }
    });
    return sum;
  };
  return std::visit(sum_of, layout_) == 0.0;
}

bool RowView::all_finite(Missing missing) const {
  return missing == Missing::kError ? all_allowed<Missing::kError>() : all_allowed<Missing::kExact>();
}

std::vector<Index> RowView::equal_rows(Index at) const {
  constexpr Index kAtOnce = 64;  // rows of which mostly none is equal, which their first column says
  std::vector<Index> equal;
  const auto add_equal = [&](const auto& layout) {
    const auto value = [&](Index i, Index j) { return layout.column_start(j)[source_row(i) * layout.step()]; };
    const Index step = layout.step();
    const auto* const first_column = layout.column_start(0) + first_ * step;
    const auto first_value = value(at, 0);
    for (Index first = 0; first < rows_; first += kAtOnce) {
      with_numbers(first, std::min(kAtOnce, rows_ - first), [&, step](const auto& number, Index count) {
        int candidates = 0;
#pragma omp simd reduction(+ : candidates)
        for (Index i = 0; i < count; ++i) candidates += first_column[number(i) * step] == first_value ? 1 : 0;
        for (Index i = first; candidates > 0 && i < first + count; ++i) {
          Index j = 0;
          while (j < columns_ && value(i, j) == value(at, j)) ++j;
          if (j == columns_) equal.push_back(i);
        }
      });
    }
  };
  std::visit(add_equal, layout_);
  return equal;
}

void RowView::copy_columns(Index first, Index count, std::span<const double> origin, double* out, Index leading) const {
  std::visit(
      [&](const auto& layout) {
        const Index step = layout.step();
        const std::int64_t* chosen_rows = is_selection_ ? selection_.data() + first : nullptr;
        if (layout.is_packed()) {
          const auto* start = layout.column_start(0) + (is_selection_ ? first_ : first_ + first) * step;
          transpose_rows({start, step, chosen_rows}, count, columns_, origin.data(), out, leading);
          return;
        }
        for (Index j = 0; j < columns_; ++j) {
          const auto* column = layout.column_start(j) + first_ * step;
          const double shift = origin[static_cast<std::size_t>(j)];
          double* target = out + j * leading;
          if (!is_selection_) {
            const auto* source = column + first * step;
            for (Index i = 0; i < count; ++i) target[i] = static_cast<double>(source[i * step]) - shift;
          } else {
            for (Index i = 0; i < count; ++i) target[i] = static_cast<double>(column[chosen_rows[i] * step]) - shift;
          }
        }
      },
      layout_);
}

void RowView::copy_columns(std::span<const std::int64_t> rows, std::span<const double> origin, double* out,
                           Index leading) const {
  std::visit(
      [&](const auto& layout) {
        const Index step = layout.step();
        for (Index j = 0; j < columns_; ++j) {
          const auto* column = layout.column_start(j) + first_ * step;
          const double shift = origin[static_cast<std::size_t>(j)];
          double* target = out + j * leading;
          if (!is_selection_) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
              target[i] = static_cast<double>(column[rows[i] * step]) - shift;
            }
          } else {
            for (std::size_t i = 0; i < rows.size(); ++i) {
              target[i] = static_cast<double>(column[selection_[static_cast<std::size_t>(rows[i])] * step]) - shift;
            }
          }
        }
      },
      layout_);
}

namespace {

bool is_allowed(double value, Missing missing) {
  return std::isfinite(value) || (missing == Missing::kExact && std::isnan(value));
}

/// Throws BadNumber for the first value that is not allowed.
void throw_not_finite(const RowView& x, const char* name, Missing missing, const char* hint) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.columns(); ++j) {
      const double value = x(i, j);
      if (is_allowed(value, missing)) continue;
      std::ostringstream mistake;
      mistake << name << (missing == Missing::kExact ? " must be finite or NaN, got " : " must be finite, got ")
              << value;
      throw BadNumber(mistake.str(), x.source_row(i), j, std::isnan(value) ? hint : "");
    }
  }
}

}  // namespace

void require_shape(const RowView& x, Index d, const char* name) {
  require(x.rows() > 0, name, "an array of at least one row", "an empty one");
  if (x.columns() == d) return;
  require(false, name, "rows of " + std::to_string(d) + " columns", std::to_string(x.columns()) + " columns");
}

void require_rows(const RowView& x, Index d, const char* name, Missing missing, const char* hint) {
  require_shape(x, d, name);
  if (!x.all_finite(missing)) throw_not_finite(x, name, missing, hint);
}

}  // namespace varimix
