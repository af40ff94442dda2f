#pragma once

namespace varimix {

/// Return the x > 0 that a variable exceeds in size with probability alpha: a standard normal one, and Student's t.
[[nodiscard]] double normal_quantile(double alpha);
[[nodiscard]] double student_quantile(double alpha, double degrees);
/// Returns that of the t statistic whose variance is estimated by Bartlett's weights up to lag L, b = (L + 1) / n in
/// (0, 1] (Kiefer and Vogelsang 2005, Econometric Theory 21:1130). It is a polynomial in b and the normal quantile, fitted to
/// 400,000 simulated walks of 800 steps.
/// Accuracy: 1.1% for 0.01 <= b <= 1 and 0.002 <= alpha <= 0.5.
[[nodiscard]] double bartlett_quantile(double alpha, double b);

}  // namespace varimix
