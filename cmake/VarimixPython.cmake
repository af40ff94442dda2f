# The extension module varimix._varimix with its generated stub, as the component `python` (pyproject.toml installs it).
find_package(Python 3.11 REQUIRED
  COMPONENTS Interpreter Development.Module
  OPTIONAL_COMPONENTS Development.SABIModule)
if(NOT SKBUILD)  # scikit-build-core has put the build requirements on the search path
  execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
    OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
find_package(nanobind CONFIG REQUIRED)

file(GLOB varimix_bindings CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/python/bindings/*.cpp")
nanobind_add_module(_varimix NB_STATIC STABLE_ABI NB_SUPPRESS_WARNINGS ${varimix_bindings})
target_link_libraries(_varimix PRIVATE varimix::varimix)
varimix_compile_options(_varimix)

nanobind_add_stub(_varimix_stub
  MODULE _varimix
  PYTHON_PATH $<TARGET_FILE_DIR:_varimix>
  DEPENDS _varimix
  OUTPUT "${PROJECT_BINARY_DIR}/_varimix.pyi")

install(TARGETS _varimix LIBRARY DESTINATION varimix COMPONENT python)
install(FILES "${PROJECT_BINARY_DIR}/_varimix.pyi" DESTINATION varimix COMPONENT python)
