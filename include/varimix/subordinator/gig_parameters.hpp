#pragma once

namespace varimix {

/// The parameters of GIG(p, a, b), whose density is (a/b)^{p/2} / (2 K_p(sqrt(ab))) y^{p-1} exp(-(a y + b/y)/2), y > 0.
/// Its faces are a = 0 (for p < 0), InverseGamma(-p, b/2), and b = 0 (for p > 0), Gamma(p, rate a/2).
struct GigParameters {
  double p;
  double a;
  double b;
  bool operator==(const GigParameters&) const = default;
};

/// The mean and the second to fourth cumulants of Y; +inf where one does not exist.
struct Cumulants {
  double mean;
  double second;
  double third;
  double fourth;
};

/// Returns the log of the integral over y > 0 of y^{p-1} exp(-(a y + b/y)/2): log(2 K_p(sqrt(ab)) (b/a)^{p/2}), and on
/// the faces, or where sqrt(ab) underflows, log(Gamma(p) (2/a)^p) for p > 0 and log(Gamma(-p) (2/b)^{-p}) for p < 0.
/// a, b >= 0 and p are finite. Returns +inf where the integral diverges (a = 0 with p >= 0, b = 0 with p <= 0), and NaN
/// for NaN.
/// Accuracy: kBesselKRelativeError of the largest of |p log sqrt(b/a)|, |log(e^z K_p(z))|, z = sqrt(ab), and 1.
[[nodiscard]] double gig_log_normaliser(double p, double a, double b) noexcept;

}  // namespace varimix
