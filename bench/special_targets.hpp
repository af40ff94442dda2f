#pragma once

#include <hwy/targets.h>

#include <cstdint>
#include <string>
#include <vector>

namespace varimix::bench {

/// An instruction set for which the kernels were compiled and which this machine has.
struct SimdTarget {
  std::int64_t id;
  std::string name;
};

/// Returns these instruction sets, the best one first.
[[nodiscard]] inline std::vector<SimdTarget> simd_targets() {
  std::vector<SimdTarget> targets;
  for (const std::int64_t id : hwy::SupportedAndGeneratedTargets()) targets.push_back({id, hwy::TargetName(id)});
  return targets;
}

/// Makes the kernels use one target as long as it lives.
class ForcedTarget {
 public:
  explicit ForcedTarget(const SimdTarget& target) { hwy::SetSupportedTargetsForTest(target.id); }
  ~ForcedTarget() { hwy::SetSupportedTargetsForTest(0); }
  ForcedTarget(const ForcedTarget&) = delete;
  ForcedTarget& operator=(const ForcedTarget&) = delete;
};

}  // namespace varimix::bench
