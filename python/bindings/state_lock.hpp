#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace varimix::python {

/// One thread at a time, in the order of asking; the thread that has it may take it again. Whoever may have to wait for it
/// does so without the interpreter's lock: its holder may need that one to go on.
class StateMutex {
 public:
  StateMutex() = default;
  StateMutex(const StateMutex&) = delete;
  StateMutex& operator=(const StateMutex&) = delete;
  ~StateMutex() = default;

  void lock();
  [[nodiscard]] bool try_lock();
  void unlock();
  /// Whether this thread has it.
  [[nodiscard]] bool is_mine();
  /// Lets go of it however often this thread has taken it; returns how often. @pre is_mine().
  [[nodiscard]] std::int64_t release();
  /// Takes it so often again.
  void restore(std::int64_t times);

 private:
  void let_next();

  std::mutex guard_;
  std::condition_variable turn_;
  std::thread::id owner_;
  std::int64_t times_ = 0;     // that the owner has taken it
  std::uint64_t tickets_ = 0;  // given out
  std::uint64_t turn_of_ = 0;  // the ticket of the owner, or of whoever comes next
};

struct AnyOnlineEM;

/// Has a state while it lives. Made with the interpreter's lock, which it lets go of to wait.
class StateLock {
 public:
  explicit StateLock(const AnyOnlineEM& state);
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock();

 private:
  const AnyOnlineEM& state_;
};

/// Has two states, which may be one.
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

/// Marks a state as being changed. @pre the state is locked. Throws std::runtime_error in the middle of another change: an
/// update rule, or what it calls, may read the state that asks it, and not change it.
class Changing {
 public:
  explicit Changing(AnyOnlineEM& state);
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  ~Changing();

 private:
  AnyOnlineEM& state_;
};

/// Lets others at a state between two steps of a fit, which has it, while this lives. Made and ended without the interpreter's
/// lock. Does nothing on a thread that does not have the state.
class BetweenChanges {
 public:
  explicit BetweenChanges(AnyOnlineEM& state);
  BetweenChanges(const BetweenChanges&) = delete;
  BetweenChanges& operator=(const BetweenChanges&) = delete;
  ~BetweenChanges();

 private:
  AnyOnlineEM& state_;
  bool was_changing_ = false;
  std::int64_t times_ = 0;
};

}  // namespace varimix::python
