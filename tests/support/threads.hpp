#pragma once

#include "varimix/core/block_reduce.hpp"

namespace varimix::tests {

/// Limits the number of threads while it lives.
class ThreadLimit {
 public:
  explicit ThreadLimit(int count) : before_(threads()) { set_threads(count); }
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;
  ~ThreadLimit() { set_threads(before_); }

 private:
  int before_;
};

}  // namespace varimix::tests
