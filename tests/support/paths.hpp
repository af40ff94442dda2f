#pragma once

#include <filesystem>
#include <string>

namespace varimix::tests {

/// Returns the project's root: the folder that the build names or, where it names none, the working directory.
inline std::filesystem::path source_dir() {
#ifdef VARIMIX_SOURCE_DIR
  return VARIMIX_SOURCE_DIR;
#else
  return std::filesystem::current_path();
#endif
}

/// Returns the path of a file of tests/data.
inline std::filesystem::path data_file(const std::string& name) { return source_dir() / "tests" / "data" / name; }

}  // namespace varimix::tests
