#include "special_points.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

namespace varimix::bench {
namespace {

bool one_order_in_every_block(const std::vector<double>& nu) {
  for (std::size_t row = 0; row + kBlockRows <= nu.size(); row += kBlockRows) {
    const auto orders = block(nu, row);
    if (std::ranges::any_of(orders, [&](double order) { return order != orders.front(); })) return false;
  }
  return true;
}

}  // namespace

PointSet read_points(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const auto bytes = file ? std::filesystem::file_size(path) : 0;
  const std::size_t rows = bytes / (2 * sizeof(double));
  if (rows == 0 || bytes != rows * 2 * sizeof(double)) throw std::runtime_error("no points in " + path.string());
  const auto column_bytes = static_cast<std::streamsize>(rows * sizeof(double));
  PointSet set;
  set.name = path.stem().string();
  set.nu.resize(rows);
  set.z.resize(rows);
  file.read(reinterpret_cast<char*>(set.nu.data()), column_bytes);
  file.read(reinterpret_cast<char*>(set.z.data()), column_bytes);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  set.u.resize(rows);
  std::ranges::transform(set.z, set.u.begin(), [](double z) { return z * z; });
  set.has_one_order_blocks = one_order_in_every_block(set.nu);
  return set;
}

std::vector<OrderRange> order_ranges(const PointSet& set) {
  std::map<double, OrderRange> by_order;
  for (std::size_t i = 0; i < set.size(); ++i) {
    OrderRange& range = by_order.try_emplace(set.nu[i], OrderRange{set.nu[i], set.u[i], set.u[i]}).first->second;
    range.u_min = std::min(range.u_min, set.u[i]);
    range.u_max = std::max(range.u_max, set.u[i]);
  }
  std::vector<OrderRange> ranges;
  for (const auto& [nu, range] : by_order) ranges.push_back(range);
  return ranges;
}

}  // namespace varimix::bench
