// Of the instrumented copy of the sources: which mutant this process runs, and which it comes by.
// VARIMIX_MUTANT holds its number; into the file of VARIMIX_MUTANT_TRACE goes the number of each that is reached,
// and in the end the processor time in seconds.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string>

// What the mutants make of a line is no matter of style.
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused"
#pragma GCC diagnostic ignored "-Wreturn-type"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wnarrowing"
#pragma GCC diagnostic ignored "-Wall"

namespace mutation {

struct Settings {
  unsigned chosen = 0;
  int trace = -1;
  Settings() noexcept {
    if (const char* text = std::getenv("VARIMIX_MUTANT")) chosen = static_cast<unsigned>(std::strtoul(text, nullptr, 10));
    if (const char* path = std::getenv("VARIMIX_MUTANT_TRACE")) {
      trace = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
  }
  ~Settings() {
    if (trace < 0) return;
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto micros = used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    write("= " + std::to_string(static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e-6 * static_cast<double>(micros)));
  }
  void write(const std::string& line) const noexcept {
    const std::string whole = line + "\n";
    if (::write(trace, whole.data(), whole.size()) < 0) std::abort();
  }
};

inline const Settings settings;
inline std::atomic<unsigned> test = 1;  // what was reached counts for one test

template <unsigned N>
inline std::atomic<unsigned> reached_in = 0;

template <unsigned N>
[[nodiscard]] inline bool is() noexcept {
  if (settings.trace >= 0) [[unlikely]] {
    const unsigned now = test.load();
    if (reached_in<N>.exchange(now) != now) settings.write(std::to_string(N));
  }
  return settings.chosen == N;
}

template <unsigned N, class T>
[[nodiscard]] inline T pick(T usual, T other) noexcept {
  return is<N>() ? other : usual;
}

template <unsigned N>
struct Flip {};
template <unsigned N>
[[nodiscard]] constexpr Flip<N> flip() noexcept {
  return {};
}
// Of the lowest precedence before `?`, and no optional has it.
template <class T, unsigned N>
[[nodiscard]] bool operator||(const T& condition, Flip<N> /*which*/) {
  return static_cast<bool>(condition) != is<N>();
}

#define MUTATION_COMPARISON(name, usual, other)                     \
  template <unsigned N>                                             \
  struct name##_ {};                                                \
  template <class T, unsigned N>                                    \
  struct name##_left {                                              \
    const T& left;                                                  \
  };                                                                \
  template <unsigned N>                                             \
  [[nodiscard]] constexpr name##_<N> name() noexcept {              \
    return {};                                                      \
  }                                                                 \
  template <class T, unsigned N>                                    \
  [[nodiscard]] name##_left<T, N> operator usual(const T& left, name##_<N>) noexcept { \
    return {left};                                                  \
  }                                                                 \
  template <class T, unsigned N, class U>                           \
  [[nodiscard]] auto operator usual(name##_left<T, N> held, const U& right) -> decltype(held.left usual right) { \
    return is<N>() ? held.left other right : held.left usual right; \
  }                                                                 \
  template <class T, unsigned N, class U> /* std::optional compares itself with everything */ \
  [[nodiscard]] bool operator usual(name##_left<T, N> held, const std::optional<U>& right) { \
    return is<N>() ? held.left other right : held.left usual right; \
  }

MUTATION_COMPARISON(less, <, <=)
MUTATION_COMPARISON(at_most, <=, <)
MUTATION_COMPARISON(greater, >, >=)
MUTATION_COMPARISON(at_least, >=, >)
MUTATION_COMPARISON(equal, ==, !=)
MUTATION_COMPARISON(unequal, !=, ==)
#undef MUTATION_COMPARISON

}  // namespace mutation

extern "C" __attribute__((visibility("default"), used)) inline void varimix_mutation_next_test() { ++mutation::test; }
