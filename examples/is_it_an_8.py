"""Does a treatment find handwritten 8s (1 digit in 10) better than the baseline?"""

from rarebird import Study
from rarebird.data import example

frame, target = example("digits")
study = Study(
    quick=True,
    time_budget=5,  # seconds; leave both out for a serious comparison
    treatments=["class-weights"],  # leave it out for all that apply
)
result = study.run(frame, target=target)

for row in result.report.candidates:
    print(f"{row.name}: average precision {row.value:.3f} on the folds")
print(f"Chosen: {result.chosen or 'no treatment helps'}")
print(result.sentences()["cost_and_catch"])
