#pragma once

#include <utility>
#include <variant>

#include "varimix/em/em_result.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::python {

/// One alternative for each family.
template <template <class> class Of>
using OneOfFamilies = std::variant<Of<InverseGaussian>, Of<Gamma>, Of<InverseGamma>, Of<GeneralizedInverseGaussian>>;

/// What Python sees as EMResult and OnlineEM, whatever the family.
struct AnyEMResult {
  OneOfFamilies<EMResult> any;
};
struct AnyOnlineEM {
  OneOfFamilies<OnlineEM> any;
};

/// visitor(value) for the value that is held.
template <class Held, class Visitor>
decltype(auto) visit_family(Held& held, Visitor&& visitor) {
  return std::visit(std::forward<Visitor>(visitor), held.any);
}

}  // namespace varimix::python
