"""``python -m checkin`` is ``thumoi``."""

import sys

from checkin.cli import main

sys.exit(main())
