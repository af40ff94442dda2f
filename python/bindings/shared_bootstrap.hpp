#pragma once

#include <utility>
#include <variant>

#include "gil.hpp"
#include "state_lock.hpp"
#include "varimix/stream/bootstrap_checkpoint.hpp"

namespace varimix::python {

/// Python sees this as BootstrapEM, whatever the family. Its threads may share one: each of its functions takes `mutex`.
struct SharedBootstrapEM {
  SharedBootstrapEM(AnyBootstrapEM held) : any(std::move(held)) {}  // NOLINT(google-explicit-constructor)
  /// @pre the caller holds the interpreter's lock.
  SharedBootstrapEM(const SharedBootstrapEM& other);
  SharedBootstrapEM(SharedBootstrapEM&& other) noexcept : any(std::move(other.any)) {}
  SharedBootstrapEM& operator=(const SharedBootstrapEM&) = delete;
  SharedBootstrapEM& operator=(SharedBootstrapEM&&) = delete;
  ~SharedBootstrapEM() = default;

  AnyBootstrapEM any;
  mutable StateMutex mutex;
};

/// Holds a bootstrap while it lives. @pre the caller holds the interpreter's lock, which this lets go of while it waits.
class BootstrapLock {
 public:
  explicit BootstrapLock(const SharedBootstrapEM& of) : mutex_(of.mutex) {
    if (mutex_.try_lock()) return;
    const GilRelease release;
    mutex_.lock();
  }
  BootstrapLock(const BootstrapLock&) = delete;
  BootstrapLock& operator=(const BootstrapLock&) = delete;
  ~BootstrapLock() { mutex_.unlock(); }

 private:
  StateMutex& mutex_;
};

inline SharedBootstrapEM::SharedBootstrapEM(const SharedBootstrapEM& other)
    : any([&] {
        const BootstrapLock lock(other);
        return other.any;
      }()) {}

/// Returns visitor(bootstrap) for the one that is held; other threads wait.
template <class Shared, class Visitor>
auto visit_bootstrap(Shared& shared, Visitor&& visitor) {
  const BootstrapLock lock(shared);
  return std::visit(std::forward<Visitor>(visitor), shared.any);
}

[[nodiscard]] inline HeldState held(SharedBootstrapEM& shared) { return {&shared.mutex, nullptr}; }

/// Returns the names of the columns of a bootstrap's rows.
inline const ColumnNames& columns_of(const auto& bootstrap) { return bootstrap.fit().state().initial.columns(); }

}  // namespace varimix::python
