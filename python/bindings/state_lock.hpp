#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace varimix::python {

/// Lets in one thread at a time, in the order of asking; the thread that has it may take it again. A thread that may
/// have to wait for it must let go of the interpreter's lock: the holder of this mutex may need that lock to go on.
class StateMutex {
 public:
  StateMutex() = default;
  StateMutex(const StateMutex&) = delete;
  StateMutex& operator=(const StateMutex&) = delete;
  ~StateMutex() = default;

  void lock();
  [[nodiscard]] bool try_lock();
  void unlock();
  /// Returns true if this thread has it.
  [[nodiscard]] bool is_mine();
  /// Lets go of it however often this thread has taken it, and returns how often that was. @pre is_mine().
  [[nodiscard]] std::int64_t release();
  /// Takes it again, as often as `release` returned.
  void restore(std::int64_t times);

 private:
  void let_next();

  std::mutex guard_;
  std::condition_variable turn_;
  std::thread::id owner_;
  std::int64_t times_ = 0;     // number of times that the owner has taken it
  std::uint64_t tickets_ = 0;  // number of tickets given out
  std::uint64_t turn_of_ = 0;  // the ticket of the owner, or of whoever comes next
};

struct AnyOnlineEM;

/// Holds a state while it lives. @pre the caller holds the interpreter's lock, which this lets go of while it waits.
class StateLock {
 public:
  explicit StateLock(const AnyOnlineEM& state);
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock();

 private:
  const AnyOnlineEM& state_;
};

/// Holds two states, which may be the same one, while it lives. @pre as for StateLock.
class StatesLock {
 public:
  StatesLock(const AnyOnlineEM& left, const AnyOnlineEM& right);
  StatesLock(const StatesLock&) = delete;
  StatesLock& operator=(const StatesLock&) = delete;
  ~StatesLock();

 private:
  const AnyOnlineEM& left_;
  const AnyOnlineEM& right_;
};

/// Marks a state as being changed while it lives. @pre the state is locked. Throws std::runtime_error in the middle of
/// another change: an update rule, or a function that it calls, may read the state that asks it, but not change it.
class Changing {
 public:
  explicit Changing(AnyOnlineEM& state);
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  ~Changing();

 private:
  AnyOnlineEM& state_;
};

/// How others are let at a state that a fit holds; without a mutex there is none.
struct HeldState {
  StateMutex* mutex = nullptr;
  bool* is_changing = nullptr;  ///< guarded by the mutex; null where nothing asks
};
[[nodiscard]] HeldState held(AnyOnlineEM& state);

/// While this lives, between two steps of a fit, other threads may have the state that the fit holds. It is made and
/// ended without the interpreter's lock. It does nothing on a thread that does not hold the state.
class BetweenChanges {
 public:
  explicit BetweenChanges(const HeldState& of);
  BetweenChanges(const BetweenChanges&) = delete;
  BetweenChanges& operator=(const BetweenChanges&) = delete;
  ~BetweenChanges();

 private:
  HeldState of_;
  bool was_changing_ = false;
  std::int64_t times_ = 0;
};

}  // namespace varimix::python
