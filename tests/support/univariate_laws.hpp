#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix::tests {

/// Returns laws of all families and faces, of moderate and of extreme shape and skewness.
inline std::vector<UnivariateLaw> some_laws() {
  std::vector<UnivariateLaw> laws;
  for (const GigParameters& gig : {GigParameters{-0.5, 1.0, 1.0},
                                   {-0.5, 1e8, 1e8},
                                   {0.05, 0.1, 0.0},
                                   {1.06, 2.0, 0.0},
                                   {200.0, 400.0, 0.0},
                                   {-0.6, 0.0, 1.2},
                                   {-3.0, 0.0, 6.0},
                                   {2.0, 1.5, 1e-9},
                                   {-2.5, 1e-14, 3.0},
                                   {30.0, 10.0, 4.0}}) {
    for (const double gamma : {0.0, 0.4, -3.0, 60.0, -1e7}) laws.push_back({gig, 0.5, gamma, 1.5});
  }
  return laws;
}

inline std::string text_of(const UnivariateLaw& law, double x) {
  std::ostringstream text;
  text << "p = " << law.gig.p << ", a = " << law.gig.a << ", b = " << law.gig.b << ", gamma = " << law.gamma
       << ", x = " << x;
  return text.str();
}

}  // namespace varimix::tests
