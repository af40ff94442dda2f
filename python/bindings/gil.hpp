#pragma once

#include <cxxabi.h>
#include <nanobind/nanobind.h>
#include <unistd.h>

namespace varimix::python {

/// Runs `take`, which takes the interpreter's lock. In a daemon thread of an interpreter that has ended, CPython up to
/// 3.13 calls pthread_exit there, whose unwinding would end the process at the first function that is noexcept. This
/// thread waits for the end of the process instead, as CPython does from 3.14 on.
template <class Take>
auto take_gil(Take take) {
  try {
    return take();
  } catch (const abi::__forced_unwind&) {
    while (true) pause();
  }
}

/// Lets other threads at the interpreter while it lives.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  ~GilRelease() {
    take_gil([this] { PyEval_RestoreThread(state_); });
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* state_;
};

/// Holds the interpreter's lock while it lives.
class GilAcquire {
 public:
  GilAcquire() : state_(take_gil([] { return PyGILState_Ensure(); })) {}
  ~GilAcquire() { PyGILState_Release(state_); }
  GilAcquire(const GilAcquire&) = delete;
  GilAcquire& operator=(const GilAcquire&) = delete;

 private:
  PyGILState_STATE state_;
};

}  // namespace varimix::python
