#include "special_values.hpp"

#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>

#include "special_competitors.hpp"
#include "special_targets.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::bench {
namespace {

using Rows = std::vector<Quadruple>;

void write(std::ofstream& file, const Rows& rows) {
  static_assert(sizeof(Quadruple) == 4 * sizeof(double));
  file.write(reinterpret_cast<const char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(Quadruple)));
}

Rows from_point_form(const PointSet& set) {
  Rows rows;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const BesselK k = bessel_k(set.nu[i], set.z[i]);
    rows.push_back({k.log_scaled, k.ratio_minus, k.ratio_plus, k.dlog_dnu});
  }
  return rows;
}

Rows from_array_form(const PointSet& set) {
  const std::size_t n = set.size();
  std::vector<double> log_scaled(n);
  std::vector<double> ratio_minus(n);
  std::vector<double> ratio_plus(n);
  std::vector<double> dlog_dnu(n);
  bessel_k(set.nu, set.z,
           {.log_scaled = log_scaled.data(),
            .ratio_minus = ratio_minus.data(),
            .ratio_plus = ratio_plus.data(),
            .dlog_dnu = dlog_dnu.data()});
  Rows rows;
  for (std::size_t i = 0; i < n; ++i) rows.push_back({log_scaled[i], ratio_minus[i], ratio_plus[i], dlog_dnu[i]});
  return rows;
}

/// Returns pointers by which the moments of a row go into `row`.
GigMomentArrays moments(Quadruple& row) {
  return {.log_normalizer = &row.log_k, .inv_y = &row.ratio_minus, .y = &row.ratio_plus, .log_y = &row.dlog_dnu};
}

Rows from_gig_moments(const PointSet& set) {
  Rows rows(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) gig_moments(set.nu[i], std::span(&set.u[i], 1), moments(rows[i]));
  return rows;
}

// A value of the table depends on u alone, so a table for each row gives the same as one table for all rows.
Rows from_table(const PointSet& set) {
  Rows rows(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    BesselTable(set.nu[i]).evaluate(std::span(&set.u[i], 1), moments(rows[i]));
  }
  return rows;
}

}  // namespace

void write_values(const PointSet& set, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  for (const SimdTarget& target : simd_targets()) {
    const ForcedTarget forced(target);
    write(file, from_array_form(set));
    std::cout << "BesselArray/" << target.name << '\n';
    write(file, from_point_form(set));
    std::cout << "BesselPoint/" << target.name << '\n';
    write(file, from_gig_moments(set));
    std::cout << "GigMoments/" << target.name << '\n';
    write(file, from_table(set));
    std::cout << "BesselTable/" << target.name << '\n';
  }
  for (const Competitor& library : competitors()) {
    Rows rows;
    for (std::size_t i = 0; i < set.size(); ++i) rows.push_back(library.quadruple(set.nu[i], set.z[i]));
    write(file, rows);
    std::cout << library.name << "Quadruple\n";
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace varimix::bench
