#pragma once

/// All of varimix's public interface.

#include "varimix/core/block_reduce.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/core/types.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/em_result.hpp"
#include "varimix/em/fit_best.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/em/update_rules.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/complete_likelihood.hpp"
#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/normal_mixture.hpp"
#include "varimix/random/key.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/stats/expectations.hpp"
#include "varimix/stats/gauge.hpp"
