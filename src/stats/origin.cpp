#include "varimix/stats/origin.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <optional>
#include <string>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Returns field k of `eta`, a number, or `one` if there is none: the constant 1 is not a field.
double number_or(const Eta& eta, std::optional<Index> k, double one) { return k ? eta.number(*k) : one; }

/// Calls visit(field, k) for the fields that lie in the first `size` numbers.
template <class Visit>
void for_each_field(const EtaLayout& layout, Index size, Visit&& visit) {
  for (Index k = 0; k < static_cast<Index>(layout.fields().size()) && layout.end(k) <= size; ++k) {
    visit(layout.fields()[static_cast<std::size_t>(k)], k);
  }
}

}  // namespace

/// X - origin is X - eta.origin plus the shift s = eta.origin - origin. With w the power of Y, E[wX] therefore grows by
/// E[w] s, and E[wXX'] by E[wX] s' + s E[wX]' + E[w] ss'.
Eta with_origin(Eta eta, const Vector& origin) {
  require_dimension(origin.size(), eta.d(), "origin");
  eta.origin -= origin;
  const Vector& shift = eta.origin;
  const EtaLayout& layout = eta.layout;
  for (Index k = static_cast<Index>(layout.fields().size()) - 1; k >= 0; --k) {  // a field before its parent
    const EtaField& field = layout.fields()[static_cast<std::size_t>(k)];
    if (field.statistic == Statistic::kVector) {
      eta.values.segment(layout.begin(k), eta.d()) += number_or(eta, field.parent, 1.0) * shift;
    } else if (field.statistic == Statistic::kSymmetric) {
      const double* const wx = eta.values.data() + layout.begin(*field.parent);
      const double w = number_or(eta, layout.fields()[static_cast<std::size_t>(*field.parent)].parent, 1.0);
      double* value = eta.values.data() + layout.begin(k);
      for (Index i = 0; i < eta.d(); ++i) {
        for (Index j = 0; j <= i; ++j, ++value) {
          *value = *value + wx[i] * shift(j) + wx[j] * shift(i) + w * shift(i) * shift(j);
        }
      }
    }
  }
  eta.origin = origin;
  return eta;
}

/// About eta's origin o the shifts leave only differences of shares. Let f, v and w be the fields E[wXX'], E[wX] and
/// E[w], e_f = target_f - eta_f about o, and k_f the share; likewise for v and w. The changes are, element by element,
///   E[w]: k_w e_w;   E[wX]: k_v e_v + (k_v - k_w) o e_w;
///   E[wXX']: k_f e_f + (k_f - k_v) e_v o' + its transpose + (k_f - k_v - k_v' + k_w) e_w o o'.
Eta blend_by_field(const Eta& eta, const Eta& target, const Eta& share) {
  const Eta aim = with_origin(target, eta.origin);
  require(eta.layout.begins(aim.layout) || aim.layout.begins(eta.layout), "eta0", "of the same statistics as eta",
          "other ones");
  require(eta.layout.begins(share.layout) || share.layout.begins(eta.layout), "tau", "of the same statistics as eta",
          "other ones");
  const EtaLayout& layout = eta.layout;
  const Index size = std::min({layout.size(), aim.layout.size(), share.layout.size()});
  const Vector e = aim.values.head(size) - eta.values.head(size);
  const Vector& o = eta.origin;
  const Vector& k = share.values;
  const auto field_at = [&](Index f) -> const EtaField& { return layout.fields()[static_cast<std::size_t>(f)]; };
  using Parent = std::optional<Index>;
  const auto difference = [&](Parent f) { return f ? e(layout.begin(*f)) : 0.0; };  // the constant 1 has none
  const auto share_of = [&](Parent f) { return f ? k(layout.begin(*f)) : 0.0; };
  Eta out = eta;
  for_each_field(layout, size, [&](const EtaField& field, Index f) {
    const Index begin = layout.begin(f);
    if (field.statistic == Statistic::kNumber || field.statistic == Statistic::kLogarithm) {
      out.values(begin) += k(begin) * e(begin);
    } else if (field.statistic == Statistic::kVector) {
      const double e_w = difference(field.parent);
      const double k_w = share_of(field.parent);
      for (Index i = 0; i < eta.d(); ++i) {
        out.values(begin + i) += k(begin + i) * e(begin + i) + (k(begin + i) - k_w) * o(i) * e_w;
      }
    } else {
      const Index v = layout.begin(*field.parent);
      const double e_w = difference(field_at(*field.parent).parent);
      const double k_w = share_of(field_at(*field.parent).parent);
      Index at = begin;
      for (Index i = 0; i < eta.d(); ++i) {
        for (Index j = 0; j <= i; ++j, ++at) {
          const double k_f = k(at);
          const double k_i = k(v + i);
          const double k_j = k(v + j);
          out.values(at) += k_f * e(at) + (k_f - k_i) * e(v + i) * o(j) + (k_f - k_j) * o(i) * e(v + j) +
                            (k_f - k_i - k_j + k_w) * e_w * o(i) * o(j);
        }
      }
    }
  });
  return out;
}

}  // namespace varimix
