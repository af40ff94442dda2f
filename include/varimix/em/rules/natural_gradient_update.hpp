#pragma once

#include <optional>
#include <vector>

#include "varimix/em/rules/ewma_update.hpp"
#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The default rule: it moves the model, not statistics, by natural-gradient steps (Amari 1998, Neural Comput. 10:251)
/// with the model's own Fisher information, the recursion of Titterington (1984, J. R. Stat. Soc. B 46:257) for the
/// score of the rows' density instead of that of complete data; Cappe and Moulines (2009, J. R. Stat. Soc. B 71:593)
/// have the family of methods. For a batch of weight m with the mean score U at the model,
///   theta += [(P + m) F + n0 C]^{-1} m U,   P = N (K + N) / (2K + N),
/// where N is the weight of the rows before, F the information of a row at the model, C that of a row whose Y is seen,
/// n0 = (d+1)^2 rows unless given, K = 10 p, p = 1 + 2d + d(d+1)/2. The first K rows count half at first, because they
/// were scored at a model that was far off. While m > (P + m) / 10 the step is iterated on the batch, against the pull
/// of the past, until it is below p/200 in squared standard errors.
/// A column that the batch does not show, and that less than 2% of the weight remembered has shown, keeps its law given the
/// others; the step is that of the others' law. So does one that less than a tenth of the weight and fewer than 5 (d + 2)
/// rows have shown, that batch's with them: they do not determine its law given the others.
/// With a half-life the weight of the past decays: N = 2^(-m/h) N + m in rows, or as EWMAUpdate has it in time.
/// Along a stream the model stays near the maximum of the likelihood of the rows seen so far; docs/one_pass.md has the
/// measured distances. The state is the model itself and some numbers; `running` is the model's own eta.
/// Cost: O(d^3) a batch beside its E-step, 1.3 to 1.5 E-step rows a row in a pass of 40 batches.
struct NaturalGradientUpdate {
  std::optional<HalfLife> half_life = std::nullopt;
  std::optional<double> n0 = std::nullopt;
  double remembered = 0.0;        ///< state: N
  double squares = 0.0;           ///< state: the sum of the squared weights of the rows of weight 1 before they decayed
  std::vector<double> seen = {};  ///< state: N of each column (d), where rows have not shown all; else empty
  static constexpr const char* kName = "NaturalGradientUpdate";
  static constexpr const char* kDoc =
      "theta += [(P + m) F + n0 C]^-1 m U: natural-gradient steps of the model itself.\n\n"
      "The default. m is the weight of the batch, U its mean score at the model, F the model's Fisher\n"
      "information in a row, C that of a row whose Y is seen, P the weight of the rows before; n0 is (d+1)^2\n"
      "rows if left out. One pass ends near the maximum of the likelihood of all rows (docs/one_pass.md).\n"
      "With half_life, in rows or as a datetime.timedelta or pandas.Timedelta in time, rows are forgotten as\n"
      "by EWMAUpdate. The state's eta is the model's own.";
  static constexpr auto kMembers = std::tuple(setting("half_life", &NaturalGradientUpdate::half_life),
                                              setting("n0", &NaturalGradientUpdate::n0, kPositive),
                                              state("remembered", &NaturalGradientUpdate::remembered, kNotNegative),
                                              state("squares", &NaturalGradientUpdate::squares, kNotNegative),
                                              state("seen", &NaturalGradientUpdate::seen, kNotNegative));
  bool operator==(const NaturalGradientUpdate&) const = default;
  struct Hooks;
};

/// A merge adds the weights; the fit takes the mean of the models.
struct NaturalGradientUpdate::Hooks : RuleHooks<NaturalGradientUpdate> {
  using RuleHooks::RuleHooks;
  /// Returns `batch`, which is the statistics of the model that has moved, and counts its rows.
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] std::optional<NaturalStep> natural_step(const StepInfo& info, Index d) const override;
  [[nodiscard]] std::optional<double> time_half_life() const override;
  [[nodiscard]] std::optional<KnownRows> known_rows() const override;
  [[nodiscard]] Vector shares_shown() const override;
  [[nodiscard]] bool can_merge() const override { return !half_life; }

 protected:
  void merge(const NaturalGradientUpdate& other, const NaturalGradientUpdate* ancestor,
             const CombineStatistics& combine) override;

 private:
  /// Returns the weight that the rows before still have when a batch is learned, relative to `remembered`.
  [[nodiscard]] double kept(const StepInfo& info) const;
  /// Returns the weight of the rows that have shown each column, with those of the batch; empty if all have.
  [[nodiscard]] std::vector<double> seen_with(const StepInfo& info) const;
};

}  // namespace varimix
