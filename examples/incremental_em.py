"""Incremental EM: a Normal Inverse Gaussian fitted from mini-batches by six update rules.

docs/tutorials/incremental_em.md explains it; examples/incremental_em.cpp is the same in C++.
Pictures go to the folder given as the first argument (out/ if none is).
"""

import sys
from pathlib import Path

import matplotlib
import numpy as jnp

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from varimix import (
    AffineUpdate,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    NormalInverseGaussian,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    eta0_diagonal,
    eta0_from_model,
    eta0_isotropic,
    eta0_with_sigma,
)
from varimix.plotting import set_theme

set_theme()
out = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
out.mkdir(parents=True, exist_ok=True)

# 1. Data are drawn from a known law, and give a model to start from.
true = NormalInverseGaussian.from_classical(
    mu=jnp.array([0.0, 0.0]),
    gamma=jnp.array([0.4, -0.3]),
    sigma=jnp.array([[1.0, 0.3], [0.3, 1.0]]),
    mu_ig=1.0,
    lam=1.5,
)
X = true.rvs(20_000, seed=0)
init = NormalInverseGaussian.default_init(X)
key = 0

# 2. Six update rules and the default one fit the same data.
rules = {
    "Identity": IdentityUpdate(),
    "RobbinsMonro": RobbinsMonroUpdate(tau0=10.0),
    "SampleWeighted": SampleWeightedUpdate(),
    "EWMA(0.1)": EWMAUpdate(w=0.1),
    "Affine(0.5, 0.5)": AffineUpdate(b=0.5, c=0.5),
    "Shrinkage": Shrinkage(IdentityUpdate(), eta0_from_model(init), tau=0.3),
    "default (NaturalGradient)": None,
}
target = float(true.marginal_log_likelihood(X))
print(f"true model's mean log-likelihood     {target:.5f} nats per row")
print(f"initial model's mean log-likelihood  {init.marginal_log_likelihood(X):.5f} nats per row\n")

finals = {}
for name, rule in rules.items():
    fitter = IncrementalEMFitter(
        batch_size=512,
        max_steps=60,
        eta_update=rule,
        e_step_backend="cpu",
        m_step_backend="cpu",
    )
    res = fitter.fit(init, X, key=key)
    finals[name] = float(res.model.marginal_log_likelihood(X))
    print(
        f"{name:24s} final mean log-likelihood {finals[name]:.5f}, {1e3 * res.elapsed_time:.1f} ms"
    )

fig, ax = plt.subplots(layout="constrained")
ax.barh(list(finals), [1e3 * (value - target) for value in finals.values()])
ax.axvline(0.0, color="0.3", linestyle="--", label=f"true model, {target:.4f} nats per row")
ax.use_sticky_edges = False  # leaves room beside the dashed line
ax.invert_yaxis()
ax.set_xlabel("final mean log-likelihood less the true model's (thousandths of a nat per row)")
ax.set_title("Seven update rules after 60 steps of 512 rows")
ax.legend()
fig.savefig(out / "update_rules.png")

# 3. Two rules are compared along their trajectories.
fig, ax = plt.subplots(layout="constrained")
steps = [*range(6, 61, 6), 60]
for name in ("Identity", "EWMA(0.1)"):
    fitter = IncrementalEMFitter(
        batch_size=512,
        max_steps=60,
        eta_update=rules[name],
        verbose=1,
        e_step_backend="cpu",
        m_step_backend="cpu",
    )
    res = fitter.fit(init, X, key=key)
    ax.plot(steps, res.log_likelihoods, marker="o", label=name)
ax.axhline(target, color="0.3", linestyle="--", label="true model")
ax.set_xlabel("mini-batch step")
ax.set_ylabel("mean log-likelihood (nats per row)")
ax.set_title("Identity jumps with each batch, EWMA(0.1) averages about ten of them")
ax.legend()
fig.savefig(out / "trajectories.png")

# 4. Estimates are shrunk to a target.
targets = {
    "isotropic": eta0_isotropic(init, 1.0),
    "diagonal": eta0_diagonal(init, jnp.array([1.0, 1.0])),
    "with_sigma": eta0_with_sigma(init, jnp.array([[1.0, 0.3], [0.3, 1.0]])),
}
print()
for name, eta0 in targets.items():
    for feedback in (False, True):
        rule = Shrinkage(RobbinsMonroUpdate(tau0=10.0), eta0, tau=0.5, feedback=feedback)
        res = IncrementalEMFitter(
            batch_size=256,
            max_steps=60,
            eta_update=rule,
            e_step_backend="cpu",
            m_step_backend="cpu",
        ).fit(init, X, key=key)
        kind = f"{name}, feedback" if feedback else name
        value = float(res.model.marginal_log_likelihood(X))
        print(f"shrinkage to {kind:22s} final mean log-likelihood {value:.5f}")

# 5. The default rule ends at some distance from the maximum of the likelihood.
maximum = IncrementalEMFitter(batch_size=len(X), max_steps=600, eta_update=IdentityUpdate()).fit(
    init, X, key=key
)
best = float(maximum.model.marginal_log_likelihood(X))
gaps = []
for k in range(10):
    res = IncrementalEMFitter(batch_size=512, max_steps=60).fit(init, X, key=k)
    gaps.append(best - float(res.model.marginal_log_likelihood(X)))
print(f"\nmaximum likelihood on X {best:.6f} nats per row")
print(
    f"the default rule ends below it by {sum(gaps) / len(gaps):.6f} in the mean of ten keys, "
    f"{max(gaps):.6f} at most"
)
print(f"\ndefault rule: {res.model}\nstatus: {res.status}")
print(f"\nPictures: {out / 'update_rules.png'}, {out / 'trajectories.png'}")
