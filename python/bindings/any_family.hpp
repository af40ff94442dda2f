#pragma once

#include <utility>
#include <variant>

#include "state_lock.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::python {

/// What Python sees without its family: a variant with one alternative for each of M.
template <Fittable... M>
struct OneOf {
  using EMResult = std::variant<varimix::EMResult<M>...>;
  using OnlineEM = std::variant<varimix::OnlineEM<M>...>;
};
using OneOfFamilies = OneOf<NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic>;

/// Python sees this as EMResult, whatever the family.
struct AnyEMResult {
  OneOfFamilies::EMResult any;
};

/// Python sees this as OnlineEM, whatever the family. Its threads may share a state: each of its functions takes
/// `mutex` for as long as it runs. A copy has a mutex of its own.
struct AnyOnlineEM {
  AnyOnlineEM(OneOfFamilies::OnlineEM held) : any(std::move(held)) {}  // NOLINT(google-explicit-constructor)
  /// @pre the caller holds the interpreter's lock.
  AnyOnlineEM(const AnyOnlineEM& other) : any(other.locked_copy()) {}
  AnyOnlineEM(AnyOnlineEM&& other) noexcept : any(std::move(other.any)) {}
  AnyOnlineEM& operator=(const AnyOnlineEM&) = delete;
  AnyOnlineEM& operator=(AnyOnlineEM&&) = delete;
  ~AnyOnlineEM() = default;

  OneOfFamilies::OnlineEM any;
  mutable StateMutex mutex;
  bool is_changing = false;  // guarded by the mutex, as `any` is

 private:
  [[nodiscard]] OneOfFamilies::OnlineEM locked_copy() const {
    const StateLock lock(*this);
    return any;
  }
};

/// Returns visitor(value) for the value that is held.
template <class Visitor>
decltype(auto) visit_family(const AnyEMResult& result, Visitor&& visitor) {
  return std::visit(std::forward<Visitor>(visitor), result.any);
}

/// Returns visitor(state) for the state that is held, which it may read; other threads wait.
template <class Visitor>
auto visit_family(const AnyOnlineEM& state, Visitor&& visitor) {
  const StateLock lock(state);
  return std::visit(std::forward<Visitor>(visitor), state.any);
}

/// Returns visitor(state) for the state that is held, which it may change; other threads wait.
template <class Visitor>
auto change_state(AnyOnlineEM& state, Visitor&& visitor) {
  const StateLock lock(state);
  const Changing changing(state);
  return std::visit(std::forward<Visitor>(visitor), state.any);
}

}  // namespace varimix::python
