#include <cmath>
#include <iostream>
#include <varimix/varimix.hpp>

int main() {
  using namespace varimix;
  const Vector mu{{0.0, 0.0}};
  const Vector gamma{{0.4, -0.3}};
  const Matrix sigma{{1.0, 0.3}, {0.3, 1.0}};
  const auto truth =
      NormalInverseGaussian::from_classical({.mu = mu, .gamma = gamma, .sigma = sigma, .mu_ig = 1.0, .lam = 1.5});
  const RowMatrix x = truth.rvs(20'000, Seed{0});
  const auto init = NormalInverseGaussian::default_init(x);
  IncrementalEMFitter fitter({.batch_size = 512, .max_steps = 60, .eta_update = EWMAUpdate{.w = 0.1}});
  const auto result = fitter.fit(init, x, Key{0});
  const double shortfall = truth.marginal_log_likelihood(x) - result.model.marginal_log_likelihood(x);
  std::cout << result.model << '\n' << result.status << '\n' << "shortfall: " << shortfall << " nats per row\n";
  constexpr double kAllowedShortfall = 0.02;
  return std::abs(shortfall) < kAllowedShortfall ? 0 : 1;
}
