#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "mixture/fitting/mode_spike.hpp"
#include "mixture/initial_model/column_ranges.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/em/batch_partial.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {

/// The rows of a batch fit, wherever they lie: who runs the E-step.
template <Fittable M>
class FitRows {
 public:
  using Fit = typename M::Fit;
  FitRows() = default;
  FitRows(const FitRows&) = delete;
  FitRows& operator=(const FitRows&) = delete;
  virtual ~FitRows() = default;
  [[nodiscard]] virtual EStepResult e_step(const Fit& fit, const M& model) = 0;
  /// Does the E-step of the model that the fit returns; `out_status` gets whether rows make a spike of its density.
  [[nodiscard]] virtual EStepResult last_e_step(const Fit& fit, const M& model, Status& out_status) = 0;
  [[nodiscard]] virtual double counted() = 0;  ///< rows of weight > 0
  [[nodiscard]] virtual double weight() = 0;   ///< total weight of the rows
  [[nodiscard]] virtual std::vector<Index> constant_columns() = 0;
};

/// Rows in this process's memory, worked on by its threads. @pre They are checked.
template <Fittable M>
class RowsInMemoryOf final : public FitRows<M> {
 public:
  using Fit = typename M::Fit;
  RowsInMemoryOf(const RowView& x, std::span<const double> weights) : x_(x), weights_(weights) {}
  EStepResult e_step(const Fit& fit, const M& model) override { return fit.e_step(model, x_, weights_); }
  EStepResult last_e_step(const Fit& fit, const M& model, Status& out_status) override {
    EStepResult found = e_step(fit, model);
    fit.add_spikes(found, x_, weights_, -1, out_status);
    return found;
  }
  double counted() override {
    if (weights_.empty()) return static_cast<double>(x_.rows());
    return static_cast<double>(std::count_if(weights_.begin(), weights_.end(), [](double w) { return w > 0.0; }));
  }
  double weight() override { return total_weight(weights_, x_.rows()); }
  std::vector<Index> constant_columns() override { return varimix::constant_columns(column_ranges(x_, weights_)); }

 private:
  const RowView& x_;
  std::span<const double> weights_;
};

/// Rows that others hold. They are asked for what they know beside statistics in the first pass and in the last.
template <Fittable M>
class RowsElsewhere final : public FitRows<M> {
 public:
  using Fit = typename M::Fit;
  /// @param init  the model at which the rows are asked if they are to tell what they know before any E-step.
  RowsElsewhere(const AskRows<M>& ask, const M& init, Missing missing) : ask_(ask), init_(init), missing_(missing) {}

  EStepResult e_step(const Fit& /*fit*/, const M& model) override {
    return as_result(answer({.model = model, .missing = missing_, .facts = !facts_, .peak = false}));
  }
  EStepResult last_e_step(const Fit& /*fit*/, const M& model, Status& out_status) override {
    const EStepPartial found = answer({.model = model, .missing = missing_, .facts = !facts_, .peak = true});
    std::optional<Spike> spike;
    if (found.peak && found.peak->equal > 1) spike = spike_at(*found.peak, found.rows, model);
    add_mode_trap(spike, found.floored_rows, found.rows, -1, out_status);
    return as_result(found);
  }
  double counted() override { return static_cast<double>(facts().counted); }
  double weight() override { return facts().weight; }
  std::vector<Index> constant_columns() override { return varimix::constant_columns(facts()); }

 private:
  EStepPartial answer(const EStepRequest<M>& request) {
    MaybePartial partial = ask_(request);
    require(partial.has_value(), "X", "one row or more", "none");
    require(partial->family == kModelName<M> && partial->model == hash_of(request.model), "partial",
            "the answer to the request", "another one");
    require(partial->facts.has_value() == request.facts || request.every > 0, "partial", "the answer to the request",
            "another one");
    if (partial->facts) {
      require(partial->facts->weight > 0.0, "the sum of weights", "finite and > 0", partial->facts->weight);
      facts_ = partial->facts;
    }
    return *std::move(partial);
  }
  const RowFacts& facts() {
    if (!facts_) (void)answer({.model = init_, .missing = missing_, .facts = true, .peak = false});
    return *facts_;
  }
  std::optional<Spike> spike_at(const PeakRow& peak, Index rows, const M& model) {
    const Index every = (rows + kSpikeRows - 1) / kSpikeRows;
    const EStepPartial around =
        answer({.model = model, .missing = missing_, .facts = false, .peak = false, .every = every});
    require(around.sample.has_value(), "partial", "the answer to the request", "another one");
    const Matrix others = around.sample->transpose().colwise() - peak.values;
    return spike_among(others, peak.log_density, peak.equal, rows);
  }
  static EStepResult as_result(const EStepPartial& of) {
    EStepResult result{of.eta, of.log_lik, of.floored_rows, of.observed};
    if (of.peak) {
      result.peak_row = of.peak->row;
      result.peak_log_density = of.peak->log_density;
    }
    return result;
  }

  const AskRows<M>& ask_;
  const M& init_;
  Missing missing_;
  std::optional<RowFacts> facts_;
};

}  // namespace varimix
