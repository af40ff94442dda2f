#pragma once

#include <filesystem>

#include "special_points.hpp"

namespace varimix::bench {

/// Writes the values of every timed method at every point: for each method, four doubles for each point. Prints the
/// names of the methods in that order, one a line: the unit as in BM_<unit>, and the target where there is one.
/// The four doubles are log(e^z K), R-, R+ and d/dnu log K; for BesselTable and GigMoments log(e^z K), inv_y, y and
/// log_y; for the competitors log K, R-, R+ and d/dnu log K. R- and R+ are K_{nu-1}/K_nu and K_{nu+1}/K_nu.
void write_values(const PointSet& set, const std::filesystem::path& path);

}  // namespace varimix::bench
