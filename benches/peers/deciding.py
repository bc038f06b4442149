"""The mathematics of deciding and measuring beside the Python packages, on the same columns, in one run.

Makes the data, writes them where `cargo bench -p stats --bench deciding` reads them, times the peer in this process and
ours in that one (one thread each, processor time, best of three), holds the answers against each other, and prints a
table.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  (after the threads are set)

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
FEATURES, ACTIONS, OFFERS = 12, 10, 10


def best(work, rounds=3):
    """Processor seconds of one run, the best of some rounds of a fifth of a second or one run, and the answer."""
    least = answer = None
    for _ in range(rounds):
        start, before, runs = time.perf_counter(), time.process_time(), 0
        while runs == 0 or time.perf_counter() - start < 0.2:
            answer = work()
            runs += 1
        took = (time.process_time() - before) / runs
        least = took if least is None else min(least, took)
        if took > 30:
            break
    return least, np.ravel(np.asarray(answer, dtype=float))


# --- data, each piece's columns by name ------------------------------------------------------------------------------


def trial(random):
    n = 21_000
    features = random.normal(size=(n, FEATURES))
    arm = random.integers(0, 2, n)
    odds = -2 + 0.4 * features[:, 1] - 0.3 * features[:, 2] + arm * (0.4 + 0.2 * features[:, 0])
    visited = (random.uniform(size=n) < 1 / (1 + np.exp(-odds))).astype(float)
    score = features[:, 0] + random.normal(size=n)
    return dict(features=features, arm=arm, visited=visited, score=score)


def sums(random):
    """Sums of 1,000 experiments: n, Σy, Σy², Σx, Σx², Σxy, control and then treatment."""

    def arm(effect):
        n = 2_000
        x = random.gamma(1.0, 2.0, n)
        y = 0.5 * x + random.normal(size=n) + effect
        return [n, y.sum(), y @ y, x.sum(), x @ x, x @ y]

    return np.array([arm(0.0) + arm(effect) for effect in random.normal(0, 0.05, 1_000)])


def panel(random):
    units, periods = 2_000, 8
    first = random.choice([0, 3, 5, 6], units)
    level = random.normal(size=(units, 1)) + 0.2 * np.arange(periods)
    treated = (first[:, None] > 0) & (np.arange(periods) >= first[:, None])
    return dict(panel=level + 0.5 * treated + random.normal(size=(units, periods)), first_treated=first)


def series(random):
    t = np.arange(1_000)
    noise = np.convolve(random.normal(size=1_007), np.ones(8) / 8, "valid")
    return 100 + 0.05 * t + np.where(t >= 700, 3 - 0.01 * (t - 700), 0) + noise


def markets(random):
    common = np.cumsum(random.normal(size=(120, 3)), axis=0)
    return 50 + common @ random.uniform(0, 1, (3, 40)) + random.normal(size=(120, 40))


def alternatives(random):
    sets = 2_412
    attributes = random.normal(size=(sets * 4, 5))
    utility = attributes @ np.array([-0.4, 0.5, -1.2, 0.7, 0.2]) + random.gumbel(size=sets * 4)
    return dict(alternatives=attributes, chosen=utility.reshape(sets, 4).argmax(axis=1))


def log(random):
    n = 100_000
    logged, policy = random.dirichlet(np.full(ACTIONS, 5.0), n), random.dirichlet(np.full(ACTIONS, 5.0), n)
    action = np.minimum((logged.cumsum(axis=1) < random.uniform(size=(n, 1))).sum(axis=1), ACTIONS - 1)
    expected = random.uniform(0.05, 0.2, (n, ACTIONS))
    reward = (random.uniform(size=n) < expected[np.arange(n), action]).astype(float)
    return dict(action=action, reward=reward, logged=logged, policy=policy, expected=expected)


def offers(random, customers):
    """Costs in whole units; a budget of a fifth of what everybody's best offer costs."""
    cost = (100 * (1 + np.arange(OFFERS)) * random.uniform(0.2, 1.0, (customers, OFFERS))).round() + 1
    value = random.uniform(0, 12, (customers, 1)) * (1 - np.exp(-cost / 400)) * random.uniform(0.5, 1.5, (customers, OFFERS))
    budget = np.floor(0.2 * cost[np.arange(customers), value.argmax(axis=1)].sum())
    return dict(value=value, cost=cost, budget=[budget])


def everything(customers):
    random = np.random.default_rng(7)
    columns = dict(trial(random), sums=sums(random), effects=np.linspace(0.05, 0.6, 200), p=random.uniform(size=100_000) ** 1.5)
    columns.update(panel(random), spend=random.gamma(0.5, 20.0, 100_000), series=series(random), markets=markets(random))
    columns.update(alternatives(random), **log(random), worth=random.normal(size=50))
    columns.update(offers(random, customers))
    return {name: np.ascontiguousarray(column, dtype="<f8") for name, column in columns.items()}


# --- the peers: each gives seconds and an answer -----------------------------------------------------------------------


def t_logistic(data):
    from causalml.inference.meta import BaseTClassifier
    from sklearn.linear_model import LogisticRegression

    x, arm, y = data["features"], data["arm"].astype(int), data["visited"].astype(int)

    def work():
        learner = BaseTClassifier(learner=LogisticRegression(), control_name=0)
        return learner.fit_predict(X=x, treatment=arm, y=y)

    return best(work)


def x_linear(data):
    from causalml.inference.meta import BaseXRegressor
    from sklearn.linear_model import LinearRegression

    x, arm, y = data["features"], data["arm"].astype(int), data["visited"]
    propensity = np.full(len(y), 0.5)

    def work():
        learner = BaseXRegressor(learner=LinearRegression(), control_name=0)
        return learner.fit_predict(X=x, treatment=arm, y=y, p=propensity)

    return best(work)


def dr_linear(data):
    from econml.dr import LinearDRLearner
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LinearRegression

    x, arm, y = data["features"], data["arm"].astype(int), data["visited"]

    def work():
        learner = LinearDRLearner(
            model_propensity=DummyClassifier(strategy="prior"), model_regression=LinearRegression(), cv=2, random_state=1
        )
        return learner.fit(y, arm, X=x).effect(x)

    return best(work)


def sklift_metrics(data):
    from sklift.metrics import qini_auc_score, uplift_at_k, uplift_auc_score

    y, score, arm = data["visited"], data["score"], data["arm"].astype(int)
    return best(
        lambda: [
            qini_auc_score(y, score, arm),
            uplift_auc_score(y, score, arm),
            uplift_at_k(y, score, arm, strategy="by_group", k=0.3),
        ]
    )


def causalml_metrics(data):
    import pandas
    from causalml.metrics import auuc_score, qini_score

    frame = pandas.DataFrame(dict(model=data["score"], w=data["arm"].astype(int), y=data["visited"]))

    def work():
        settings = dict(outcome_col="y", treatment_col="w", normalize=True)
        return [auuc_score(frame, **settings)["model"], qini_score(frame, **settings)["model"]]

    return best(work)


def gbstats_tests(data, sequential):
    from gbstats.frequentist.tests import (
        FrequentistConfig,
        SequentialConfig,
        SequentialTwoSidedTTest,
        TwoSidedTTest,
    )
    from gbstats.models.statistics import RegressionAdjustedStatistic, SampleMeanStatistic

    def arm(row):
        n, y, yy, x, xx, xy = row
        before = SampleMeanStatistic(n=int(n), sum=x, sum_squares=xx)
        after = SampleMeanStatistic(n=int(n), sum=y, sum_squares=yy)
        return RegressionAdjustedStatistic(
            n=int(n), post_statistic=after, pre_statistic=before, post_pre_sum_of_products=xy, theta=0
        )

    def work():
        answers = []
        for row in data["sums"]:
            pair = arm(row[:6]), arm(row[6:])
            if sequential:
                settings = SequentialConfig(difference_type="absolute", sequential_tuning_parameter=5_000)
                found = SequentialTwoSidedTTest(*pair, settings).compute_result()
            else:
                found = TwoSidedTTest(*pair, FrequentistConfig(difference_type="absolute")).compute_result()
            answers += [found.expected, *found.ci]
        return answers

    return best(work)


def power(data):
    from statsmodels.stats.power import TTestIndPower

    tests = TTestIndPower()
    return best(lambda: [np.ceil(tests.solve_power(effect, alpha=0.05, power=0.8)) for effect in data["effects"]])


def fdr(data):
    from statsmodels.stats.multitest import multipletests

    return best(lambda: multipletests(data["p"], 0.05, "fdr_bh")[1])


def bootstrap(data):
    from scipy.stats import bootstrap as resample

    def work():
        found = resample((data["spend"],), np.mean, n_resamples=1_000, batch=1, method="percentile", vectorized=True, random_state=1)
        return [found.standard_error]

    return best(work)


def did(data):
    import pandas
    from csdid.att_gt import ATTgt

    outcomes, first = data["panel"].reshape(-1, 8), data["first_treated"].astype(int)
    units, periods = outcomes.shape
    frame = pandas.DataFrame(
        dict(
            unit=np.repeat(np.arange(1, units + 1), periods),
            period=np.tile(np.arange(1, periods + 1), units),
            first=np.repeat(np.where(first > 0, first + 1, 0), periods),
            y=outcomes.ravel(),
        )
    )

    def work():
        found = ATTgt(yname="y", tname="period", idname="unit", gname="first", data=frame, xformla="y~1")
        fitted = found.fit(est_method="reg", bstrap=False)
        total = fitted.aggte(typec="simple", bstrap=False, cband=False).atte
        return [total["overall_att"], np.ravel(total["overall_se"])[0]]

    silent = open(os.devnull, "w")
    kept, sys.stdout = sys.stdout, silent
    try:
        return best(work)
    finally:
        sys.stdout = kept


def interrupted(data):
    import statsmodels.api as models

    y = data["series"]
    t = np.arange(len(y))
    after = (t >= 700).astype(float)
    x = np.column_stack([np.ones_like(after), t, after, after * (t - 700)])

    def work():
        found = models.OLS(y, x).fit(cov_type="HAC", cov_kwds=dict(maxlags=7, use_correction=True))
        return [found.params[2], found.bse[2], found.params[3], found.bse[3]]

    return best(work)


def synthetic(data):
    from pysyncon import Synth

    before = data["markets"].reshape(-1, 40)[:90]
    donors, treated = before[:, 1:], before[:, 0]

    def work():
        found = Synth.w_optimize(V_mat=np.eye(90) / 90, X0=donors, X1=treated)
        weights = np.asarray(found[0] if isinstance(found, tuple) else found, dtype=float).ravel()
        return [np.sqrt(np.mean((treated - donors @ weights) ** 2))]

    return best(work)


def conjoint(data):
    from xlogit import MultinomialLogit

    x = data["alternatives"].reshape(-1, 5)
    chosen = data["chosen"].astype(int)
    rows = len(x)
    picked = (np.arange(rows) % 4 == np.repeat(chosen, 4)).astype(int)

    def work():
        model = MultinomialLogit()
        model.fit(x, picked, varnames=list("abcde"), alts=np.arange(rows) % 4, ids=np.arange(rows) // 4, verbose=0)
        return model.coeff_

    return best(work)


def ope(data):
    """The Open Bandit Pipeline asks for Python below 3.11 and for torch, so its formulas stand here in NumPy."""
    action, r = data["action"].astype(int), data["reward"]
    logged, policy, expected = (data[name].reshape(-1, ACTIONS) for name in ("logged", "policy", "expected"))
    rows, limit = np.arange(len(r)), 5.0

    def work():
        w = policy[rows, action] / logged[rows, action]
        q, dm = expected[rows, action], (policy * expected).sum(axis=1)
        left = r - q
        return [
            (w * r).mean(),
            (w * r).sum() / w.sum(),
            dm.mean(),
            (dm + w * left).mean(),
            dm.mean() + (w * left).sum() / w.sum(),
            (dm + np.where(w <= limit, w, 0) * left).mean(),
            (dm + limit * w / (w * w + limit) * left).mean(),
        ]

    return best(work)


def decide(data):
    from mabwiser.mab import MAB, LearningPolicy

    arms = list(range(50))
    model = MAB(arms, LearningPolicy.Softmax(tau=1.0), seed=1)
    model.fit(decisions=arms, rewards=list(data["worth"]))
    return best(lambda: [sum(model.predict() for _ in range(1_000))])


def knapsack(data):
    import highspy
    from scipy import sparse

    value, cost, budget = data["value"].ravel(), data["cost"].ravel(), data["budget"][0]
    customers = len(value) // OFFERS

    def work():
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        one = sparse.kron(sparse.eye(customers), np.ones((1, OFFERS)))
        matrix = sparse.vstack([one, cost[None, :]]).tocsc()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(value), customers + 1
        model.col_cost_, model.col_lower_, model.col_upper_ = -value, np.zeros(len(value)), np.ones(len(value))
        model.row_lower_ = np.full(customers + 1, -highspy.kHighsInf)
        model.row_upper_ = np.append(np.ones(customers), budget)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        solver.passModel(model)
        solver.run()
        return [-solver.getInfo().objective_function_value, -solver.getSolution().row_dual[-1]]

    return best(work)


# --- the race --------------------------------------------------------------------------------------------------------

PURE, COMPILED = "≥ 20×", "≥ 1×"
# Name: what is done, the peer, the goal (Python that loops, or compiled code behind Python), how close answers are.
# gbstats takes theta over both arms as one, with a part of the effect in it where the covariate differs by chance; ours is
# from within the arms. On equal covariates both agree to 1e-8 (crates/stats/tests/experiment/gbstats.rs).
RACES = {
    "t_logistic": (t_logistic, "T-logistic, 21,000 × 12, fitted and scored", "causalml over scikit-learn", COMPILED, 2e-2),
    "x_linear": (x_linear, "X-learner, linear, the same", "causalml over scikit-learn", COMPILED, 1e-6),
    "dr_linear": (dr_linear, "DR-learner, linear, 2 folds, the same", "econml", COMPILED, None),
    "sklift_metrics": (sklift_metrics, "Qini, AUUC, uplift@30 of 21,000 scores", "scikit-uplift over NumPy", COMPILED, 1e-9),
    "causalml_metrics": (causalml_metrics, "AUUC and Qini of 21,000 scores", "causalml over pandas", COMPILED, 1e-9),
    "cuped": (lambda data: gbstats_tests(data, False), "1,000 CUPED tests from sums", "gbstats", PURE, 1e-2),
    "cuped_sequential": (lambda data: gbstats_tests(data, True), "1,000 sequential CUPED tests", "gbstats", PURE, 1e-2),
    "power": (power, "200 sample sizes of a t-test", "statsmodels over SciPy", COMPILED, 1e-9),
    "fdr": (fdr, "Benjamini–Hochberg, 100,000 p-values", "statsmodels over NumPy", COMPILED, 1e-12),
    "bootstrap": (bootstrap, "bootstrap of a mean, 100,000 × 1,000", "SciPy", COMPILED, 0.1),
    "did": (did, "difference in differences, 2,000 × 8", "csdid", PURE, 1e-6),
    "interrupted": (interrupted, "interrupted series, 1,000 periods, HAC", "statsmodels over NumPy", COMPILED, 1e-6),
    "synthetic": (synthetic, "synthetic control, 39 donors × 90", "pysyncon", COMPILED, 1e-4),
    "conjoint": (conjoint, "conjoint logit, 2,412 sets of 4", "xlogit over NumPy", COMPILED, 1e-4),
    "ope": (ope, "seven off-policy estimators, 100,000 × 10", "the formulas in NumPy", COMPILED, 1e-9),
    "decide": (decide, "1,000 softmax draws among 50 actions", "MABWiser", PURE, None),
    "knapsack": (knapsack, "offers under a budget, exact", "HiGHS", COMPILED, 1e-9),
}


def ours(folder, binary):
    if binary and not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is no program: build one with cargo bench -p stats --bench deciding --no-run")
    command = [binary] if binary else ["cargo", "bench", "-q", "-p", "stats", "--bench", "deciding"]
    settings = dict(os.environ, PERENNIAL_RACE=str(folder), RAYON_NUM_THREADS="1")
    done = subprocess.run(command, cwd=ROOT, env=settings, check=True, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: (line["seconds"], np.array(line["answer"])) for line in lines}


def seconds(value):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def apart(mine, theirs):
    """The largest difference of answers, relative to the largest answer."""
    count = min(len(mine), len(theirs))
    return np.abs(mine[:count] - theirs[:count]).max() / max(np.abs(theirs[:count]).max(), 1e-300)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=list(RACES), help="one piece; may be given several times")
    parser.add_argument("--customers", type=int, default=10_000, help="customers of the budget problem, ten offers each")
    parser.add_argument(
        "--binary",
        default=os.environ.get("PERENNIAL_DECIDING"),
        help="our side, already built: target/release/deps/deciding-…; else PERENNIAL_DECIDING, else cargo builds it",
    )
    parser.add_argument("--folder", type=pathlib.Path, default=TARGET / "peers-deciding")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    data = everything(arguments.customers)
    for name, column in data.items():
        column.tofile(arguments.folder / f"{name}.f64")
    mine = ours(arguments.folder, arguments.binary)
    rows, failed = [], []
    for name in arguments.only or RACES:
        peer, work, whose, goal, tolerance = RACES[name]
        took, answer = peer(data)
        here, found = mine[name]
        ratio, off = took / here, apart(found, answer)
        agree = "" if tolerance is None else f"answers {off:.1e} apart"
        if tolerance is not None and not off <= tolerance:
            failed.append(f"{name}: answers {off:.1e} apart, ours {found[:4]}, theirs {answer[:4]}")
        work += f", {arguments.customers:,} × {OFFERS}" if name == "knapsack" else ""
        rows.append(f"| {work} | {goal} | {seconds(here)} | {whose} {seconds(took)} | {ratio:,.3g}× | {agree} |")
        print(rows[-1], flush=True)
    print("\n| work | goal | ours | peer | ratio | |\n|---|---|---|---|---|---|")
    print("\n".join(rows))
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
