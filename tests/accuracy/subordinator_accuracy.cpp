#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/subordinator/gamma.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/inverse_gamma.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"

namespace varimix::tests {
namespace {

GeneralizedInverseGaussian law_at(const Table& table, std::size_t i) {
  return {table.number(i, "p"), table.number(i, "a"), table.number(i, "b")};
}

/// Returns a bound on the change of log f, relative to a small relative change of y: the sum of its terms' sizes.
double conditioning(const GeneralizedInverseGaussian& law, double y) {
  return std::abs(law.p()) + 0.5 * std::abs(law.a() * y) + 0.5 * std::abs(law.b() / y);
}

template <class Check>
void for_each_row(const Table& table, Check&& check) {
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto where = [&, i] {
      std::ostringstream text;
      text << "GIG(" << table.text(i, "p") << ", " << table.text(i, "a") << ", " << table.text(i, "b") << ")";
      return text.str();
    };
    check(i, where);
  }
}

/// Calls f for the law itself and, on a face, for the Gamma or InverseGamma that it is.
template <class F>
void for_each_form(const GeneralizedInverseGaussian& law, F&& f) {
  f(law);
  if (law.b() == 0.0) f(Gamma(law.p(), 0.5 * law.a()));
  if (law.a() == 0.0) f(InverseGamma(-law.p(), 0.5 * law.b()));
}

TEST(SubordinatorAccuracy, MomentsAreThoseOfTheTable) {
  const Table table(data_file("subordinator_moments.csv"));
  Worst inverse("E[1/Y]");
  Worst mean("E[Y]");
  Worst log_mean("E[log Y]");
  Worst entropy("entropy");
  for_each_row(table, [&](std::size_t i, auto&& where) {
    for_each_form(law_at(table, i), [&](const auto& law) {
      const auto compare = [&](Worst& worst, double actual, const char* column, bool is_log) {
        const double expected = table.number(i, column);
        worst.add(is_log ? logarithm_error(actual, expected) : relative_error(actual, expected), actual, expected,
                  where);
      };
      compare(inverse, law.E_inv_Y(), "e_inv_y", false);
      compare(mean, law.E_Y(), "e_y", false);
      compare(log_mean, law.E_log_Y(), "e_log_y", true);
      compare(entropy, law.entropy(), "entropy", true);
    });
  });
  EXPECT_TRUE(inverse.within(kBesselKRelativeError));
  EXPECT_TRUE(mean.within(kBesselKRelativeError));
  EXPECT_TRUE(log_mean.within(kBesselKRelativeError));
  EXPECT_TRUE(entropy.within(1e-13));
}

TEST(SubordinatorAccuracy, CumulantsAreThoseOfTheTableInStandardUnits) {
  const Table table(data_file("subordinator_moments.csv"));
  Worst second("variance");
  Worst third("skewness");
  Worst fourth("excess kurtosis");
  for_each_row(table, [&](std::size_t i, auto&& where) {
    for_each_form(law_at(table, i), [&](const auto& law) {
      const Cumulants c = law.cumulants();
      const double variance = table.number(i, "second");
      second.add(relative_error(c.second, variance), c.second, variance, where);
      const double skewness = table.number(i, "third") / std::pow(variance, 1.5);
      const double kurtosis = table.number(i, "fourth") / (variance * variance);
      if (std::isfinite(skewness)) {
        third.add(logarithm_error(c.third / std::pow(variance, 1.5), skewness), c.third, skewness, where);
      } else {
        EXPECT_EQ(c.third, table.number(i, "third")) << where();
      }
      if (std::isfinite(kurtosis)) {
        fourth.add(logarithm_error(c.fourth / (variance * variance), kurtosis), c.fourth, kurtosis, where);
      } else {
        EXPECT_EQ(c.fourth, table.number(i, "fourth")) << where();
      }
    });
  });
  EXPECT_TRUE(second.within(1e-13));
  EXPECT_TRUE(third.within(1e-13));
  EXPECT_TRUE(fourth.within(1e-13));
}

TEST(SubordinatorAccuracy, MomentsOfRealOrderAreThoseOfTheTable) {
  const Table table(data_file("subordinator_moments.csv"));
  Worst low("E[Y^r], |r| <= 4");
  Worst high("E[Y^6.25]");
  for_each_row(table, [&](std::size_t i, auto&& where) {
    for_each_form(law_at(table, i), [&](const auto& law) {
      const auto compare = [&](Worst& worst, double r, const char* column) {
        const double expected = table.number(i, column);
        worst.add(relative_error(law.moment(r), expected), law.moment(r), expected, where);
      };
      compare(low, 0.5, "moment_half");
      compare(low, -1.7, "moment_minus_1.7");
      compare(high, 6.25, "moment_6.25");
    });
  });
  EXPECT_TRUE(low.within(1e-13));
  EXPECT_TRUE(high.within(1e-10));
}

// The roundings of y, p, a and b alone move log f in proportion to the size of its terms: errors are relative to them.
TEST(SubordinatorAccuracy, LogDensityIsThatOfTheTable) {
  const Table table(data_file("subordinator_tails.csv"));
  Worst density("log f, by the size of its terms");
  for_each_row(table, [&](std::size_t i, auto&& where) {
    for_each_form(law_at(table, i), [&](const auto& law) {
      const double y = table.number(i, "y");
      const double expected = table.number(i, "log_prob");
      const double scale = std::max(1.0, std::abs(expected)) + conditioning(law_at(table, i), y);
      density.add(error_in(scale, law.log_prob(y), expected), law.log_prob(y), expected, where);
    });
  });
  EXPECT_TRUE(density.within(1e-14));
}

TEST(SubordinatorAccuracy, BothTailsAreThoseOfTheTable) {
  const Table table(data_file("subordinator_tails.csv"));
  Worst logs("log tails");
  Worst lower("cdf");
  Worst upper("sf");
  for_each_row(table, [&](std::size_t i, auto&& where) {
    for_each_form(law_at(table, i), [&](const auto& law) {
      const double y = table.number(i, "y");
      const double log_cdf = table.number(i, "log_cdf");
      const double log_sf = table.number(i, "log_sf");
      // A relative error of y moves log F by y f / F times as much, with f the density and F the tail.
      const auto scale_of = [&](double log_tail) {
        return std::max(1.0, std::abs(log_tail)) + y * std::exp(table.number(i, "log_prob") - log_tail);
      };
      logs.add(error_in(scale_of(log_cdf), law.log_cdf(y), log_cdf), law.log_cdf(y), log_cdf, where);
      logs.add(error_in(scale_of(log_sf), law.log_sf(y), log_sf), law.log_sf(y), log_sf, where);
      if (log_cdf > -690.0) {
        lower.add(relative_error(law.cdf(y), std::exp(log_cdf)) / scale_of(log_cdf), law.cdf(y), std::exp(log_cdf),
                  where);
      }
      if (log_sf > -690.0) {
        upper.add(relative_error(law.sf(y), std::exp(log_sf)) / scale_of(log_sf), law.sf(y), std::exp(log_sf), where);
      }
    });
  });
  EXPECT_TRUE(logs.within(kGigTailError));
  EXPECT_TRUE(lower.within(kGigTailError));
  EXPECT_TRUE(upper.within(kGigTailError));
}

}  // namespace
}  // namespace varimix::tests
