"""A process that runs cells: ``python -m rarebird.study.worker STORE``, cell names on its input.

A process of its own can be stopped in the middle of a long fit, needs nothing of the caller's
main module, and never shares threads with it.
"""

import json
import os
import queue
import sys
import threading
from pathlib import Path


def _listen(names: "queue.Queue[str]") -> None:
    """Pass names on; when the caller is gone, end at once, even in the middle of a fit."""
    for line in sys.stdin:
        names.put(line.strip())
    os._exit(0)


def main(folder: str) -> None:
    """Run the cells named on standard input, one a line; answer a line of JSON each.

    The first answer says that the process is ready.
    """
    names: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(names,), daemon=True).start()
    from rarebird._errors import RarebirdError

    from .cell import read_rows, run_cell
    from .store import Store

    store = Store(Path(folder))
    plan = store.plan()
    if plan is None:
        raise SystemExit("no plan")
    rows = read_rows(store.folder / "rows")
    cells = {cell["id"]: cell for cell in plan["cells"]}
    print(json.dumps({"ready": True}), flush=True)
    while True:
        name = names.get()
        answer = {"cell": name}
        try:
            run_cell(store, rows, plan, cells[name])
        except RarebirdError as error:
            answer["error"] = str(error)
        except Exception as error:  # the caller decides; a bug in one cell is not a traceback
            answer["crash"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
