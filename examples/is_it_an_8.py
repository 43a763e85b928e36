"""Does a remedy find handwritten 8s (1 digit in 10) better than doing nothing?"""

from rarebird import Study
from rarebird.data import example


def main() -> None:
    frame, target = example("digits")
    remedies = ["class-weights"]  # all that apply, by default
    result = Study(quick=True, time_budget=5, remedies=remedies).run(frame, target=target)
    print(f"Compared: {', '.join(row['name'] for row in result.report['candidates'])}")
    print(f"Chosen: {result.chosen or 'nothing helps'}")
    print(result.sentences()["cost_and_catch"])


if __name__ == "__main__":  # a study runs its comparison in processes of their own
    main()
