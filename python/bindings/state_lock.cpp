#include "state_lock.hpp"

#include <nanobind/nanobind.h>

#include <stdexcept>
#include <utility>

#include "any_family.hpp"
#include "gil.hpp"

namespace varimix::python {

void StateMutex::lock() {
  const std::thread::id me = std::this_thread::get_id();
  std::unique_lock guard(guard_);
  if (owner_ != me) {
    const std::uint64_t ticket = tickets_++;
    turn_.wait(guard, [&] { return turn_of_ == ticket; });
    owner_ = me;
  }
  ++times_;
}

bool StateMutex::try_lock() {
  const std::thread::id me = std::this_thread::get_id();
  const std::lock_guard guard(guard_);
  if (owner_ != me) {
    if (tickets_ != turn_of_) return false;
    ++tickets_;
    owner_ = me;
  }
  ++times_;
  return true;
}

void StateMutex::unlock() {
  const std::lock_guard guard(guard_);
  if (--times_ == 0) let_next();
}

bool StateMutex::is_mine() {
  const std::lock_guard guard(guard_);
  return owner_ == std::this_thread::get_id();
}

std::int64_t StateMutex::release() {
  const std::lock_guard guard(guard_);
  const std::int64_t times = std::exchange(times_, 0);
  let_next();
  return times;
}

void StateMutex::restore(std::int64_t times) {
  lock();
  times_ = times;  // only the owner changes this
}

void StateMutex::let_next() {
  owner_ = {};
  ++turn_of_;
  turn_.notify_all();
}

StateLock::StateLock(const AnyOnlineEM& state) : state_(state) {
  if (state_.mutex.try_lock()) return;
  const GilRelease release;
  state_.mutex.lock();
}

StateLock::~StateLock() { state_.mutex.unlock(); }

StatesLock::StatesLock(const AnyOnlineEM& left, const AnyOnlineEM& right) : left_(left), right_(right) {
  const GilRelease release;
  if (&left_ == &right_) {
    left_.mutex.lock();
    right_.mutex.lock();
  } else {
    std::lock(left_.mutex, right_.mutex);
  }
}

StatesLock::~StatesLock() {
  right_.mutex.unlock();
  left_.mutex.unlock();
}

Changing::Changing(AnyOnlineEM& state) : state_(state) {
  if (state_.is_changing)
    throw std::runtime_error("the state is in the middle of an update: an update rule may read it, not change it");
  state_.is_changing = true;
}

Changing::~Changing() { state_.is_changing = false; }

HeldState held(AnyOnlineEM& state) { return {&state.mutex, &state.is_changing}; }

BetweenChanges::BetweenChanges(const HeldState& of) : of_(of) {
  if (of_.mutex == nullptr || !of_.mutex->is_mine()) return;
  if (of_.is_changing != nullptr) was_changing_ = std::exchange(*of_.is_changing, false);
  times_ = of_.mutex->release();
}

BetweenChanges::~BetweenChanges() {
  if (times_ == 0) return;
  of_.mutex->restore(times_);
  if (of_.is_changing != nullptr) *of_.is_changing = was_changing_;
}

}  // namespace varimix::python
