"""The one exception for mistakes a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend; the message names the place and the remedy."""

    exit_code = 2
