# cmake --install installs the library, its public headers, and the files that find_package(varimix) needs.
include(CMakePackageConfigHelpers)

set(varimix_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/varimix")
install(TARGETS varimix EXPORT varimixTargets FILE_SET HEADERS)
install(EXPORT varimixTargets NAMESPACE varimix:: DESTINATION "${varimix_cmake_dir}")

get_target_property(varimix_library_type varimix TYPE)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/varimixConfig.cmake.in" "${PROJECT_BINARY_DIR}/varimixConfig.cmake"
  INSTALL_DESTINATION "${varimix_cmake_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/varimixConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/varimixConfig.cmake" "${PROJECT_BINARY_DIR}/varimixConfigVersion.cmake"
  DESTINATION "${varimix_cmake_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
