#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

/// The laws of Y whose mixtures are compiled: what a template of a .cpp is instantiated for.
#define VARIMIX_FOR_EACH_SUBORDINATOR(INSTANTIATE) \
  INSTANTIATE(InverseGaussian)                     \
  INSTANTIATE(Gamma)                               \
  INSTANTIATE(InverseGamma)                        \
  INSTANTIATE(GeneralizedInverseGaussian)

/// The same for their models, by their names.
#define VARIMIX_FOR_EACH_MODEL(MACRO) \
  MACRO(NormalInverseGaussian)        \
  MACRO(VarianceGamma)                \
  MACRO(NormalInverseGamma)           \
  MACRO(GeneralizedHyperbolic)
