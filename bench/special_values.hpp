#pragma once

#include <filesystem>

#include "special_points.hpp"

namespace varimix::bench {

/// Writes what every method that is timed gives at every point: for each method, for each point four doubles. Prints
/// the methods' names in that order, one a line: a unit as in BM_<unit>, and the target where it has one.
/// The four are log(e^z K), R-, R+ and d/dnu log K; of BesselTable and GigMoments log(e^z K), inv_y, y and log_y; of the
/// competitors log K, R-, R+ and d/dnu log K.
void write_values(const PointSet& set, const std::filesystem::path& path);

}  // namespace varimix::bench
