#include "special_points.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace varimix::bench {
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
  set.has_one_order = std::ranges::all_of(set.nu, [&](double nu) { return nu == set.nu.front(); });
  return set;
}

}  // namespace varimix::bench
