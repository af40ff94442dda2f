#include "varimix/em/em_result.hpp"

#include <sstream>

#include "mixture/families.hpp"

namespace varimix {

template <Subordinator S>
std::string EMResult<S>::summary() const {
  std::ostringstream text;
  text << kFamilyName<S> << " of dimension " << model.d() << ", " << n_iter << (n_iter == 1 ? " step" : " steps")
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
  return text.str();
}

#define VARIMIX_INSTANTIATE(S) template struct EMResult<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
