// Fits a normal inverse Gaussian law by incremental EM, from mini-batches, with six update rules and the default one.
// docs/tutorials/incremental_em.md explains it; examples/incremental_em.py does the same and draws pictures.

#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "varimix/varimix.hpp"

using namespace varimix;

namespace {

NormalInverseGaussian true_model() {
  const Vector mu = Vector::Zero(2);
  const Vector gamma{{0.4, -0.3}};
  const Matrix sigma{{1.0, 0.3}, {0.3, 1.0}};
  return NormalInverseGaussian::from_classical({.mu = mu, .gamma = gamma, .sigma = sigma, .mu_ig = 1.0, .lam = 1.5});
}

void compare_rules(const NormalInverseGaussian& init, const RowMatrix& x) {
  const std::vector<std::pair<std::string, UpdateRule>> rules = {
      {"Identity", IdentityUpdate{}},
      {"RobbinsMonro", RobbinsMonroUpdate{.tau0 = 10.0}},
      {"SampleWeighted", SampleWeightedUpdate{}},
      {"EWMA(0.1)", EWMAUpdate{.w = 0.1}},
      {"Affine(0.5, 0.5)", AffineUpdate{.b = 0.5, .c = 0.5}},
      {"Shrinkage", Shrinkage{IdentityUpdate{}, eta0_from_model(init), 0.3}},
      {"default", NaturalGradientUpdate{}},
  };
  for (const auto& [name, rule] : rules) {
    const IncrementalEMFitter fitter({.batch_size = 512, .max_steps = 60, .eta_update = rule});
    const auto result = fitter.fit(init, x, Key{0});
    std::printf("%-18s final mean log-likelihood %.5f nats per row, %.1f ms\n", name.c_str(),
                result.model.marginal_log_likelihood(x), 1e3 * result.elapsed_time);
  }
}

void follow_trajectory(const std::string& name, const UpdateRule& rule, const NormalInverseGaussian& init,
                       const RowMatrix& x) {
  const IncrementalEMFitter fitter({.batch_size = 512, .max_steps = 60, .eta_update = rule, .verbose = 1});
  const auto result = fitter.fit(init, x, Key{0});
  std::printf("%-10s", name.c_str());
  for (const double log_likelihood : result.log_likelihoods) std::printf(" %.4f", log_likelihood);
  std::printf("\n");
}

void shrink_to_targets(const NormalInverseGaussian& init, const RowMatrix& x) {
  const Matrix sigma0{{1.0, 0.3}, {0.3, 1.0}};
  const std::vector<std::pair<std::string, Eta>> targets = {
      {"isotropic", eta0_isotropic(init, 1.0)},
      {"diagonal", eta0_diagonal(init, Vector::Ones(2))},
      {"with_sigma", eta0_with_sigma(init, sigma0)},
  };
  for (const auto& [name, eta0] : targets) {
    for (const bool feedback : {false, true}) {
      const Shrinkage rule{RobbinsMonroUpdate{.tau0 = 10.0}, eta0, 0.5, feedback};
      const IncrementalEMFitter fitter({.batch_size = 256, .max_steps = 60, .eta_update = rule});
      const auto result = fitter.fit(init, x, Key{0});
      std::printf("shrinkage to %-10s%s final mean log-likelihood %.5f\n", name.c_str(),
                  feedback ? ", feedback:" : ":          ", result.model.marginal_log_likelihood(x));
    }
  }
}

}  // namespace

int main() {
  const NormalInverseGaussian truth = true_model();
  const RowMatrix x = truth.rvs(20'000, Seed{0});
  const auto init = NormalInverseGaussian::default_init(x);
  std::cout << "true model:    " << truth << "\ninitial model: " << init << '\n';
  std::printf("true model's mean log-likelihood    %.5f nats per row\n", truth.marginal_log_likelihood(x));
  std::printf("initial model's mean log-likelihood %.5f nats per row\n\n", init.marginal_log_likelihood(x));
  compare_rules(init, x);
  std::printf("\nmean log-likelihood after every 6 steps, and at the end\n");
  follow_trajectory("Identity", IdentityUpdate{}, init, x);
  follow_trajectory("EWMA(0.1)", EWMAUpdate{.w = 0.1}, init, x);
  std::printf("\n");
  shrink_to_targets(init, x);

  const auto result = IncrementalEMFitter({.batch_size = 512, .max_steps = 60}).fit(init, x, Key{0});
  std::cout << "\ndefault rule: " << result.model << "\nstatus: " << result.status << '\n';
  return 0;
}
