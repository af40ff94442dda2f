# The library, compiled from src.

# Each layer has one folder, which may have rooms. tools/check_layers.py checks their order.
file(GLOB_RECURSE varimix_sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}" src/*.cpp)

add_library(varimix ${varimix_sources})
target_sources(varimix PUBLIC
  FILE_SET HEADERS BASE_DIRS include FILES ${varimix_headers})
target_compile_features(varimix PUBLIC cxx_std_20)
target_compile_definitions(varimix
  PUBLIC ${varimix_public_definitions}
  PRIVATE EIGEN_DONT_PARALLELIZE ${varimix_simd_definitions})
# Checkpoints name the version that wrote them.
set_source_files_properties(src/stream/checkpoint.cpp PROPERTIES
  COMPILE_DEFINITIONS "VARIMIX_VERSION=\"${PROJECT_VERSION}\"")
target_link_libraries(varimix PUBLIC Eigen3::Eigen PRIVATE hwy::hwy Threads::Threads)
if(VARIMIX_THREADS STREQUAL "tbb")
  target_link_libraries(varimix PRIVATE TBB::tbb)
else()
  target_compile_definitions(varimix PRIVATE VARIMIX_STD_THREADS)
endif()
# These are header-only and private. They are given as folders, because find_package(varimix) would look for a linked
# target again.
target_include_directories(varimix SYSTEM PRIVATE
  ${Boost_INCLUDE_DIRS} ${RANDOM123_INCLUDE_DIR} ${NLOHMANN_JSON_INCLUDE_DIR})
# Highway includes a source once for every SIMD target, by its path from here.
target_include_directories(varimix PRIVATE src)
target_precompile_headers(varimix PRIVATE ${VARIMIX_PRECOMPILED_HEADERS})
set_target_properties(varimix PROPERTIES
  POSITION_INDEPENDENT_CODE ON
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
varimix_compile_options(varimix)

# A unity build joins several sources of a layer into one, which instantiates their templates together. Names in
# anonymous namespaces must therefore be unique within a layer. Larger groups would take gigabytes of memory, and the
# last would keep one core busy alone.
set(varimix_unity_size 8)
set_target_properties(varimix PROPERTIES UNITY_BUILD_MODE GROUP)
foreach(source IN LISTS varimix_sources)
  string(REGEX REPLACE "^src/([a-z]+)/.*" "\\1" layer "${source}")
  math(EXPR group "0${count_${layer}} / ${varimix_unity_size}")
  math(EXPR count_${layer} "0${count_${layer}} + 1")
  set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${layer}_${group})
endforeach()

# The sources that Highway includes several times stay out of the unity sources.
set_source_files_properties(src/core/transpose_rows.cpp src/kernels/accumulate.cpp src/kernels/add_rest.cpp
  src/kernels/distance.cpp src/kernels/draw.cpp src/kernels/exponents.cpp src/kernels/gaps.cpp
  src/kernels/large_order_posterior.cpp src/kernels/mixed_exponents.cpp src/kernels/partial_rows.cpp
  src/kernels/posterior_lanes.cpp src/kernels/precision_rows.cpp
  src/random/normal_pairs.cpp src/special/bessel_kernels.cpp src/special/logarithm.cpp src/special/table_lookup.cpp
  src/subordinator/trial_lanes.cpp
  src/univariate/mixture_sum.cpp src/univariate/tail_sums.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
