"""``python -m rarebird.registry``: write the index and the stubs from the cards."""

import sys

from .build import write

write(fewer="--fewer" in sys.argv[1:])
