# The library as another build made it, which may have had another compiler.

add_library(varimix STATIC IMPORTED)
set_target_properties(varimix PROPERTIES IMPORTED_LOCATION "${VARIMIX_LIBRARY}")
target_include_directories(varimix INTERFACE "${PROJECT_SOURCE_DIR}/include")
target_compile_features(varimix INTERFACE cxx_std_20)
target_compile_definitions(varimix INTERFACE ${varimix_public_definitions})
target_link_libraries(varimix INTERFACE Eigen3::Eigen hwy::hwy TBB::tbb Threads::Threads)
