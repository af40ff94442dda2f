#include "shown_orders.hpp"

#include <cmath>

#include "kernels/large_order_posterior.hpp"

namespace varimix {

ShownOrders::ShownOrders(const JointLaw& joint)
    : p_(joint.gig.p),
      has_bessel_(joint.gig.a > 0.0 || joint.gamma.squaredNorm() > 0.0),
      rows_(static_cast<std::size_t>(joint.d() + 1), 0),
      tables_(static_cast<std::size_t>(joint.d() + 1)) {
  for (Index shown = 0; shown <= joint.d(); ++shown) {
    const bool is_large = kernels::has_large_order(joint.mode, p_, std::sqrt(joint.gig.a) * std::sqrt(joint.gig.b),
                                                   p_ - 0.5 * static_cast<double>(shown));
    is_large_.push_back(is_large ? 1 : 0);
  }
}

void ShownOrders::expect(Index shown, Index rows) {
  const auto k = static_cast<std::size_t>(shown);
  rows_[k] += rows;
  if (!has_bessel_ || is_large(shown) || tables_[k] != nullptr) return;
  const double order = p_ - 0.5 * static_cast<double>(shown);
  if (kernels::table_pays(order, rows_[k])) tables_[k] = std::make_unique<BesselTable>(order);
}

}  // namespace varimix
