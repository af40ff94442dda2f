# The extension module varimix._varimix with its generated stub, as the component `python` (pyproject.toml installs it).
find_package(Python 3.11 REQUIRED
  COMPONENTS Interpreter Development.Module NumPy
  OPTIONAL_COMPONENTS Development.SABIModule)
if(NOT SKBUILD)  # scikit-build-core has put the build requirements on the search path
  execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
    OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
find_package(nanobind CONFIG REQUIRED)

file(GLOB varimix_bindings CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/python/bindings/*.cpp")
# A domain of its own: bind_help.cpp changes the types of its functions, which modules of one domain share.
nanobind_add_module(_varimix NB_STATIC STABLE_ABI NB_SUPPRESS_WARNINGS NB_DOMAIN varimix ${varimix_bindings})
target_link_libraries(_varimix PRIVATE varimix::varimix)
# Python::NumPy is not linked, because it would link the Python of one version. The C API of NumPy 1.25 is also that of
# 1.26.
target_include_directories(_varimix SYSTEM PRIVATE ${Python_NumPy_INCLUDE_DIRS})
target_compile_definitions(_varimix PRIVATE
  NPY_TARGET_VERSION=NPY_1_25_API_VERSION NPY_NO_DEPRECATED_API=NPY_1_25_API_VERSION)
set_source_files_properties("${PROJECT_SOURCE_DIR}/python/bindings/module.cpp" PROPERTIES
  COMPILE_DEFINITIONS "VARIMIX_VERSION=\"${PROJECT_VERSION}\"" SKIP_UNITY_BUILD_INCLUSION ON)
varimix_compile_options(_varimix)
# nanobind's sources stay out of the unity build. The bindings take part in it: their names in anonymous namespaces are
# unique.
foreach(target IN ITEMS nanobind-static nanobind-static-abi3)
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
endforeach()

nanobind_add_stub(_varimix_stub
  MODULE _varimix
  PYTHON_PATH $<TARGET_FILE_DIR:_varimix>
  DEPENDS _varimix
  OUTPUT "${PROJECT_BINARY_DIR}/_varimix.pyi")

install(TARGETS _varimix LIBRARY DESTINATION varimix COMPONENT python EXCLUDE_FROM_ALL)
install(FILES "${PROJECT_BINARY_DIR}/_varimix.pyi" DESTINATION varimix COMPONENT python EXCLUDE_FROM_ALL)
