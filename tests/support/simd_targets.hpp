#pragma once

#include <hwy/targets.h>

#include <cstdint>
#include <string>
#include <vector>

namespace varimix::tests {

/// Returns the SIMD targets that this machine has and the library was compiled for; the library's HWY_DISABLED_TARGETS
/// apply.
inline std::vector<std::int64_t> simd_targets() { return hwy::SupportedAndGeneratedTargets(); }

/// Makes the library's kernels run on this target while it lives. Only one may live at a time, whatever the thread.
class ForcedTarget {
 public:
  explicit ForcedTarget(std::int64_t target) { choose(target); }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
  ~ForcedTarget() { choose(kAny); }

 private:
  static constexpr std::int64_t kAny = 0;

  static void choose(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();  // the next call of a kernel looks again
  }
};

inline std::string target_name(std::int64_t target) { return hwy::TargetName(target); }

}  // namespace varimix::tests
