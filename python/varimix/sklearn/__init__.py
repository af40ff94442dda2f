"""A scikit-learn estimator for the four families: density, outliers, robust weights.

Needs scikit-learn, which ``pip install 'varimix[sklearn]'`` brings.

``varimix.MeanVarianceMixture`` is something else: the union of the four models, for annotations.
``from varimix import *`` brings that one, so import the estimator after it.
"""

from varimix.extras import require_extra

require_extra("sklearn", "sklearn", "varimix.sklearn")

from varimix.sklearn.estimator import MeanVarianceMixture  # noqa: E402

__all__ = ["MeanVarianceMixture"]
