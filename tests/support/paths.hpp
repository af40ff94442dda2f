#pragma once

#include <filesystem>
#include <string>

namespace varimix::tests {

/// The project's root: from the build, or the working directory where the build does not say.
inline std::filesystem::path source_dir() {
#ifdef VARIMIX_SOURCE_DIR
  return VARIMIX_SOURCE_DIR;
#else
  return std::filesystem::current_path();
#endif
}

/// A file of tests/data.
inline std::filesystem::path data_file(const std::string& name) { return source_dir() / "tests" / "data" / name; }

}  // namespace varimix::tests
