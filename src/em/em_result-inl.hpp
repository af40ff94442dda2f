#pragma once

#include <cmath>
#include <optional>
#include <sstream>

#include "varimix/em/em_result.hpp"

namespace varimix {

template <class M>
std::optional<double> EMResult<M>::aic() const {
  if (!log_likelihood) return std::nullopt;
  return 2.0 * static_cast<double>(n_parameters) - 2.0 * *log_likelihood;
}

template <class M>
std::optional<double> EMResult<M>::bic() const {
  if (!log_likelihood) return std::nullopt;
  return static_cast<double>(n_parameters) * std::log(total_weight) - 2.0 * *log_likelihood;
}

template <class M>
std::string EMResult<M>::summary() const {
  std::ostringstream text;
  text << kModelName<M> << " of dimension " << model.d() << ", " << n_iter << (n_iter == 1 ? " step" : " steps")
       << " in " << elapsed_time << " s";
  if (log_score) {
    text << ", mean log score " << *log_score << " nats per row (of rows that were not learned yet)";
  } else if (!log_likelihoods.empty()) {
    text << ", mean log-likelihood " << log_likelihoods.back() << " nats per row";
  }
  for (const StatusEntry& entry : status.entries()) {
    text << "\n* " << name(entry.code) << ": " << sentence(entry) << '.';
    if (!advice(entry.code).empty()) text << ' ' << advice(entry.code);
  }
  if (!goodness_of_fit.empty()) text << "\ngoodness of fit: " << goodness_of_fit;
  return text.str();
}

}  // namespace varimix
