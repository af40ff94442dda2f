#pragma once

namespace varimix {

/// GIG(p, a, b): density (a/b)^{p/2} / (2 K_p(sqrt(ab))) y^{p-1} exp(-(a y + b/y)/2), y > 0.
/// a = 0 (for p < 0) and b = 0 (for p > 0) are its faces: InverseGamma(-p, b/2) and Gamma(p, rate a/2).
struct GigParameters {
  double p;
  double a;
  double b;
  bool operator==(const GigParameters&) const = default;
};

/// Mean and the second to fourth cumulants of Y; +inf where one does not exist.
struct Cumulants {
  double mean;
  double second;
  double third;
  double fourth;
};

/// log of the integral over y > 0 of y^{p-1} exp(-(a y + b/y)/2): log(2 K_p(sqrt(ab)) (b/a)^{p/2}), on the faces
/// log(Gamma(p) (2/a)^p) and log(Gamma(-p) (2/b)^{-p}), which it also is where sqrt(ab) underflows.
/// a, b >= 0 finite, p finite; +inf where the integral diverges (a = 0 with p >= 0, b = 0 with p <= 0); NaN for NaN.
/// Accuracy: kBesselKRelativeError of the largest of |p log sqrt(b/a)|, |log(e^z K_p(z))|, z = sqrt(ab), and 1.
[[nodiscard]] double gig_log_normaliser(double p, double a, double b) noexcept;

}  // namespace varimix
