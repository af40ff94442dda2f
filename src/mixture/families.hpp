#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

/// Instantiates a template of a .cpp for every law of Y whose mixtures are compiled.
#define VARIMIX_FOR_EACH_SUBORDINATOR(INSTANTIATE) \
  INSTANTIATE(InverseGaussian)                     \
  INSTANTIATE(Gamma)                               \
  INSTANTIATE(InverseGamma)                        \
  INSTANTIATE(GeneralizedInverseGaussian)

/// Does the same for their models, by their names.
#define VARIMIX_FOR_EACH_MODEL(MACRO) \
  MACRO(NormalInverseGaussian)        \
  MACRO(VarianceGamma)                \
  MACRO(NormalInverseGamma)           \
  MACRO(GeneralizedHyperbolic)
