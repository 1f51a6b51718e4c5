"""What must be true of every table: one file each, with the table's name, holding facts about data.

An expectation is answered on the draft, before the commit; a draft that breaks a blocking one is never published.
"""

from expectations._bridge import DEFAULTS, validate
from expectations._expectation import Expectation, discover

__all__ = ["DEFAULTS", "Expectation", "discover", "validate"]
