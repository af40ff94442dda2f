#pragma once

#include "model_frame.hpp"
#include "row_information.hpp"
#include "shape_gauge.hpp"
#include "varimix/mixture/natural_step.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {

/// The functions below serve a step whose statistics are drawn to a target. A target tells the unit e of Y, of which the
/// rows know nothing.

/// Returns the statistics in the gauge of Y / scale, about mu.
[[nodiscard]] MixtureStatistics about(Eta eta, const Vector& mu, double scale);

/// Returns the statistics drawn to the target, where Y has the unit `scale` in the gauge of the target.
[[nodiscard]] Eta drawn_to(const NaturalTarget& target, const Eta& eta, double scale_of_eta, double scale);

/// Returns the derivative in log e of the mean complete log-likelihood of Y / e and X, from statistics in the gauge of
/// the shape, about mu. It is 0 for the statistics of rows, whose law does not depend on the unit of Y, but not for a
/// target's.
[[nodiscard]] double score_of_unit(const MixtureStatistics& eta, const GigParameters& law, const ModelFrame& frame);

/// Returns the unit of Y at which drawn statistics are the likeliest.
template <Subordinator S>
[[nodiscard]] double best_scale(const NaturalTarget& target, const Eta& eta, const InShapeGauge<S>& model,
                                const ModelFrame& frame);

/// Returns what is left of the information of complete data about the scalars where the unit of Y is fitted as well.
[[nodiscard]] ScalarMatrix without_unit(const ScalarMatrix& complete, const ShapePoint& shape, double g, Index d);

/// Returns the information of a row whose statistics are drawn to a target: with c the share of the target in the
/// statistics that a coordinate is made of, sqrt(1-c) F sqrt(1-c) + sqrt(c) C sqrt(c).
[[nodiscard]] InformationBlocks drawn_information(const InformationBlocks& fisher, const InformationBlocks& complete,
                                                  const Eta& share);

}  // namespace varimix
