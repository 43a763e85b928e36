"""A missed tumour costs 20, a false alarm 1: which decision is cheapest?"""

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rarebird.data import example
from rarebird.decide import BiasCorrectedTemperature, CostRule, DecidedClassifier
from rarebird.metrics import cost_metric

frame, target = example("breast-cancer")
X = frame.drop(target).to_numpy()
y = (frame[target] == "malignant").to_numpy().astype(int)

model = make_pipeline(StandardScaler(), LogisticRegression())
costs = CostRule({"fp": 1, "fn": 20})
decided = DecidedClassifier(model, costs, calibrator=BiasCorrectedTemperature())

by_half = cross_val_predict(model, X, y, cv=5)  # predict alerts from 0.5 on
by_costs = cross_val_predict(decided, X, y, cv=5)  # calibrated and decided inside each fold

print(decided.fit(X, y).decision_.describe())
for name, predicted in (("at 0.5", by_half), ("by the costs", by_costs)):
    print(f"{name}: {cost_metric(costs.costs)(y, predicted):.3f} per patient")
