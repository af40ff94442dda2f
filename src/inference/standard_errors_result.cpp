#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "intervals.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix {

double normal_quantile(double alpha) {
  return boost::math::quantile(boost::math::complement(boost::math::normal(), 0.5 * alpha));
}

double student_quantile(double alpha, double degrees) {
  return boost::math::quantile(boost::math::complement(boost::math::students_t(degrees), 0.5 * alpha));
}

double bartlett_quantile(double alpha, double b) {
  // Row i holds the coefficients of b^(i+1) z^0, b^(i+1) z^2, b^(i+1) z^4 in quantile / z - 1.
  constexpr double kCoefficients[4][3] = {
      {0.6706, 0.1680, 0.0013}, {0.2748, 0.2716, -0.0159}, {0.0335, -0.4742, 0.0098}, {-0.0893, 0.1933, 0.0007}};
  const double z = normal_quantile(alpha);
  const double z2 = z * z;
  double sum = 0.0;
  for (int i = 3; i >= 0; --i) {
    const auto& c = kCoefficients[i];
    sum = b * (sum + c[0] + z2 * (c[1] + z2 * c[2]));
  }
  return z * (1.0 + sum);
}

std::string_view sentence(InferenceNote note) noexcept {
  switch (note) {
    case InferenceNote::kGaussianLimit:
      return "The rows are not told from a Gaussian's: only means, standard deviations and correlations have errors.";
    case InferenceNote::kFace:
      return "The law lies on a face of the generalized hyperbolic family: these are the errors of the face's family, "
             "and p has none.";
    case InferenceNote::kIrregular:
      return "The likelihood is not smooth enough for the theory: intervals may cover less than they say.";
    case InferenceNote::kSpike:
      return "The density is unbounded at rows: there are no standard errors.";
    case InferenceNote::kDispersionFloor:
      return "Columns do not vary in the rows, or depend linearly on others: there are no standard errors.";
    case InferenceNote::kUnseenColumn:
      return "No row shows a column, and what the law says of it is assumed: there are no standard errors.";
    case InferenceNote::kNotAMaximum:
      return "The likelihood of these rows is not at its maximum at this model: fit it to these rows first.";
    case InferenceNote::kNotDefinite:
      return "The information of the rows is not positive definite: there are no standard errors.";
    case InferenceNote::kNotSolved:
      return "The systems of equations were not solved: there are no standard errors.";
    case InferenceNote::kNotDefined:
      return "Numbers that this law does not have, or that have no derivative, are left out.";
    case InferenceNote::kOrder:
      return "In simulations the interval of p covered .90 to .94 of the time, not .95: p and sqrt(ab) are told apart "
             "badly.";
    case InferenceNote::kStart:
      return "The initial model still counts in the estimates: these errors are those of a stream that has forgotten "
             "it.";
    case InferenceNote::kUnevenBatches:
      return "Batches differ in weight: the errors are those of batches of the mean weight, which is all that the "
             "state "
             "knows.";
    case InferenceNote::kAveraged:
      return "After fewer than three passes a fit by this rule is averaged, not converged: its tail weight may be off "
             "by "
             "more than a standard error, and the replicas share that.";
  }
  return "";
}

bool StandardErrors::has(InferenceNote note) const noexcept {
  return std::any_of(notes.begin(), notes.end(), [&](const InferenceNoteEntry& entry) { return entry.note == note; });
}

double StandardErrors::critical_value(double alpha) const {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  if (options.cov_type == CovType::kBootstrap) return student_quantile(alpha, options.replicas - 1);
  if (options.cov_type != CovType::kHac) return normal_quantile(alpha);
  if (!options.lags) return student_quantile(alpha, options.cosines);
  return bartlett_quantile(alpha, static_cast<double>(*options.lags + 1) / static_cast<double>(rows));
}

Matrix StandardErrors::conf_int(double alpha) const {
  const double errors = critical_value(alpha);
  require(has_errors(), "notes", "free of reasons for no standard errors",
          notes.empty() ? "no numbers" : std::string(sentence(notes.back().note)));
  Matrix intervals(params.size(), 2);
  for (Index k = 0; k < params.size(); ++k) {
    const double value = params(k);
    const double half = errors * bse(k);
    const IntervalScale scale = scales[static_cast<std::size_t>(k)];
    if (scale == IntervalScale::kLog && value > 0.0) {
      intervals.row(k) << value * std::exp(-half / value), value * std::exp(half / value);
    } else if (scale == IntervalScale::kAtanh && std::abs(value) < 1.0) {
      const double centre = std::atanh(value);
      const double on_scale = half / (1.0 - value * value);
      intervals.row(k) << std::tanh(centre - on_scale), std::tanh(centre + on_scale);
    } else if (scale == IntervalScale::kLogit && value > 0.0 && value < 1.0) {
      const double odds = value / (1.0 - value);
      const double factor = std::exp(half / (value * (1.0 - value)));
      intervals.row(k) << odds / (factor + odds), 1.0 / (1.0 + 1.0 / (odds * factor));
    } else {
      intervals.row(k) << value - half, value + half;
    }
  }
  return intervals;
}

}  // namespace varimix
