#pragma once

#include <cxxabi.h>
#include <nanobind/nanobind.h>
#include <unistd.h>

namespace varimix::python {

/// Runs `body`, in which the interpreter's lock may be taken: by itself, or by Python code that it calls, which gives
/// the lock away now and then. In a daemon thread of an interpreter that has ended, CPython up to 3.13 calls
/// pthread_exit there, whose unwinding would destroy Python's objects without the lock, and end the process at the first
/// function that is noexcept. This thread waits for the end of the process instead, as CPython does from 3.14 on.
template <class Body>
auto outlive_interpreter(const Body& body) {
  try {
    return body();
  } catch (const abi::__forced_unwind&) {
    while (true) pause();
  }
}

/// Lets other threads at the interpreter while it lives.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  ~GilRelease() {
    outlive_interpreter([this] { PyEval_RestoreThread(state_); });
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* state_;
};

/// Returns what `body` returns, run with the interpreter's lock, from a thread that may have it or not.
template <class Body>
auto with_gil(const Body& body) {
  class Gil {
   public:
    Gil() : state_(outlive_interpreter([] { return PyGILState_Ensure(); })) {}
    ~Gil() { PyGILState_Release(state_); }
    Gil(const Gil&) = delete;
    Gil& operator=(const Gil&) = delete;

   private:
    PyGILState_STATE state_;
  };
  const Gil gil;
  return outlive_interpreter(body);
}

}  // namespace varimix::python
