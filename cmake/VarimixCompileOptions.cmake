# These options compile every target of ours. None of them reaches a user of the installed library.

# The heavy headers are parsed once per build.
set(VARIMIX_PRECOMPILED_HEADERS
  <Eigen/Dense> <algorithm> <array> <cmath> <cstdint> <functional> <limits> <memory> <optional> <span> <sstream>
  <stdexcept> <string> <utility> <vector>)

# Warnings are errors. The arithmetic options let loops vectorise, without changing a result: no operation is
# reordered (no -ffast-math) or fused (-ffp-contract=off) but where Highway's kernels say so, so that one source gives
# the same bits on every machine with the same vector units.
function(varimix_compile_options target)
  set_target_properties(${target} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror
    -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=off)
  # Clang warns of a marked loop that it did not vectorise, which happens in builds for sanitizers.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)
  if(CMAKE_UNITY_BUILD)
    # GCC takes a source that another one includes for a header, and warns of its anonymous namespace.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    # Clang takes a constant of a function for one that hides a constant of another source.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Wno-shadow>)
  endif()
  if(CMAKE_CXX_COMPILER_LAUNCHER AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    # These options let ccache see the precompiled headers.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
endfunction()

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  find_program(CCACHE ccache)
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without this sloppiness ccache does not store objects that were compiled with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${CCACHE}")
  endif()
endif()
