#include "varimix/stats/eta.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "core/all_finite.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

/// Returns the layout of the fields that both have.
const EtaLayout& common_layout(const EtaLayout& left, const EtaLayout& right) {
  require_dimension(right.d(), left.d(), "eta");
  if (left.begins(right)) return left;
  require(right.begins(left), "eta", "of the same statistics as the other", "other ones");
  return right;
}

/// Returns the first statistics of eta, as many as `layout` has.
Eta with_layout(Eta eta, const EtaLayout& layout) {
  if (eta.layout == layout) return eta;
  eta.layout = layout;
  eta.values.conservativeResize(layout.size());
  return eta;
}

}  // namespace

Eta::Eta(EtaLayout of, Vector about) : layout(std::move(of)), origin(std::move(about)) {
  require_dimension(origin.size(), layout.d(), "origin");
  values = Vector::Zero(layout.size());
}

Eta::Eta(EtaLayout of, Vector about, Vector numbers, double total_weight)
    : layout(std::move(of)), origin(std::move(about)), values(std::move(numbers)), weight(total_weight) {
  require_dimension(origin.size(), layout.d(), "origin");
  require_dimension(values.size(), layout.size(), "values");
}

Matrix Eta::symmetric(Index k) const {
  Matrix full(d(), d());
  const double* value = values.data() + layout.begin(k);
  for (Index i = 0; i < d(); ++i) {
    for (Index j = 0; j <= i; ++j) full(i, j) = full(j, i) = *value++;
  }
  return full;
}

bool Eta::is_finite() const { return all_finite(values); }

std::string Eta::first_not_finite() const {
  if (is_finite()) return "";
  for (Index k = 0; k < static_cast<Index>(layout.fields().size()); ++k) {
    const Index begin = layout.begin(k);
    if (!values.segment(begin, layout.end(k) - begin).allFinite()) {
      return layout.fields()[static_cast<std::size_t>(k)].name;
    }
  }
  return "";
}

bool Eta::operator==(const Eta& other) const {
  return layout == other.layout && weight == other.weight && origin == other.origin && values == other.values;
}

Eta merge(const Eta& left, const Eta& right) {
  (void)common_layout(left.layout, right.layout);
  require(left.weight > 0.0, "weight", "> 0 on either side of a merge", left.weight);
  require(right.weight > 0.0, "weight", "> 0 on either side of a merge", right.weight);
  const double weight = left.weight + right.weight;
  Eta out = blend(left, right, right.weight / weight);
  out.weight = weight;
  return out;
}

Eta blend(const Eta& running, const Eta& batch, double c) {
  assert(c >= 0.0 && c <= 1.0);
  const EtaLayout& layout = common_layout(running.layout, batch.layout);
  if (c == 0.0) return running;
  Eta out = running.origin == batch.origin ? batch : with_origin(batch, running.origin);
  if (c == 1.0) return out;
  const Index size = layout.size();
  out = with_layout(std::move(out), layout);
  out.values = (1.0 - c) * running.values.head(size) + c * out.values;
  out.weight = running.weight + batch.weight;
  return out;
}

Eta affine_combine(std::span<const AffineTerm> terms) {
  assert(!terms.empty());
  const Vector& origin = terms.front().eta->origin;
  EtaLayout layout = terms.front().eta->layout;
  for (const AffineTerm& term : terms) layout = common_layout(layout, term.eta->layout);
  Eta out(layout, origin);
  double total = 0.0;
  for (const auto& [coefficient, eta] : terms) {
    total += coefficient;
    if (coefficient != 0.0) out.weight += eta->weight;
    out.values += coefficient * with_layout(with_origin(*eta, origin), layout).values;
  }
  if (total == 1.0) return out;
  // The coefficients multiply E[X] = E[X - origin] + origin, and the origin is subtracted from the sum once.
  for (Index k = 0; k < static_cast<Index>(layout.fields().size()); ++k) {
    const EtaField& field = layout.fields()[static_cast<std::size_t>(k)];
    if (field.statistic == Statistic::kVector && !field.parent) {
      out.values.segment(layout.begin(k), layout.d()) += (total - 1.0) * origin;
    }
  }
  return out;
}

}  // namespace varimix
