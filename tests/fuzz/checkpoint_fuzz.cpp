// Loads checkpoints that a fuzzer writes. An input is taken once as the whole file, and once as the payload, around
// which a right header is put, because no fuzzer guesses a checksum. Whatever it is, loading must give a
// CheckpointError or a state that is saved to bytes which load to the same, shows a model and learns. The corpus began
// with states of every family and rule.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <variant>
#include <vector>

#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

using FuzzedBytes = std::span<const std::byte>;

/// A rule that is not varimix's.
struct QuarterUpdate {
  struct Hooks;
};
struct QuarterUpdate::Hooks : RuleHooks<QuarterUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) override {
    return blend(running, batch, 0.25);
  }
};

std::optional<AnyOnlineEM> load_or_refuse(FuzzedBytes checkpoint) {
  const std::string_view text(reinterpret_cast<const char*>(checkpoint.data()), checkpoint.size());
  const bool names_user_rule = text.find("user") != std::string_view::npos;
  try {
    return from_bytes_any(checkpoint, names_user_rule ? std::optional<UpdateRule>(QuarterUpdate{}) : std::nullopt);
  } catch (const CheckpointError&) {
  } catch (const std::invalid_argument&) {
    if (!names_user_rule) throw;  // the rule was given because of another "user" in the bytes
  }
  return std::nullopt;
}

template <Subordinator S>
void go_on(OnlineEM<MeanVarianceMixture<S>> state) {
  constexpr Index kMostColumns = 8;
  constexpr int kMostInnerRounds = 10;
  const std::vector<std::byte> bytes = to_bytes(state);
  const std::optional<AnyOnlineEM> back = load_or_refuse(bytes);
  if (!back || to_bytes(std::get<OnlineEM<MeanVarianceMixture<S>>>(*back)) != bytes) std::abort();
  const OnlineEMOptions& options = state.state().options;
  if (state.d() > kMostColumns || options.inner_iter > kMostInnerRounds) return;
  try {
    (void)state.model();
    (void)state.status();
    const RowMatrix rows{{0.1, -0.2, 0.3, 0.7, -0.9, 1.1, 0.0, 2.0}, {0.0, 0.4, -0.3, 1.7, -0.2, -1.1, 0.5, 1.0}};
    const double last = state.state().last_time.value_or(0.0);
    const std::array<double, 2> times = {last, last};
    const bool needs_times = state.state().rule.time_half_life().has_value();
    (void)state.update(RowMatrix(rows.leftCols(state.d())),
                       {.times = needs_times ? std::span<const double>(times) : std::span<const double>()});
    (void)to_bytes(state);
  } catch (const std::invalid_argument&) {  // the state has numbers at the ends of their range
  }
}

void check_one(FuzzedBytes checkpoint) {
  const std::optional<AnyOnlineEM> loaded = load_or_refuse(checkpoint);
  if (loaded) std::visit([](const auto& state) { go_on(state); }, *loaded);
}

}  // namespace
}  // namespace varimix::tests

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  varimix::tests::check_one(input);
  varimix::tests::check_one(varimix::wrap_checkpoint(input));
  return 0;
}
