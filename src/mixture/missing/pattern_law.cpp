#include "pattern_law.hpp"

namespace varimix {

PatternLaw::PatternLaw(Index d)
    : mu_shown(d),
      whitened_gamma(d),
      factor_(d, d),
      loading_(d, d),
      pivot_(d),
      direction_(d),
      columns_(2 * d, d),
      scratch_(kernels::partial_rows_scratch(1, d, d)) {
  observed.reserve(static_cast<std::size_t>(d));
}

void PatternLaw::take(const JointLaw& joint, const PartialLaw& partial, std::span<const std::int32_t> missing,
                      const double* x, Index leading, const kernels::MissingColumns& rest, Rest describe) {
  observed.clear();
  auto next = missing.begin();
  for (Index j = 0; j < joint.d(); ++j) {
    if (next != missing.end() && *next == j) {
      ++next;
    } else {
      observed.push_back(j);
    }
  }
  double of_row = 0.0;  // the row's own results, which are computed with those of the others
  const kernels::PartialRows out{{&of_row, &of_row, &of_row}, &gamma_squared, &log_det_root};
  const kernels::PatternFactor factor{pivot_.data(), direction_.data(), columns_.data()};
  kernels::partial_rows(partial.kernel(false), x, 1, leading, static_cast<Index>(missing.size()), scratch_.data(), out,
                        describe == Rest::kDescribe ? &rest : nullptr, &factor);
  for (Index k = 0; k < shown(); ++k) {
    const Index j = observed[static_cast<std::size_t>(k)];
    mu_shown(k) = joint.mu(j);
    whitened_gamma(k) = direction_(j);
  }
  arrange(partial, missing, describe);
}

void PatternLaw::arrange(const PartialLaw& partial, std::span<const std::int32_t> missing, Rest describe) {
  for (Index k = 0; k < shown(); ++k) {
    const Index i = observed[static_cast<std::size_t>(k)];
    const double* column = columns_.col(i).data();
    factor_(k, k) = pivot_(i) * partial.unit(i);
    for (Index l = k + 1; l < shown(); ++l) {
      const Index j = observed[static_cast<std::size_t>(l)];
      factor_(l, k) = column[j] * partial.unit(j);
    }
    if (describe == Rest::kLeaveOut) continue;
    for (Index l = 0; l < static_cast<Index>(missing.size()); ++l) {
      const Index j = missing[static_cast<std::size_t>(l)];
      loading_(k, l) = column[j > i ? j : factor_.rows() + l];
    }
  }
}

}  // namespace varimix
