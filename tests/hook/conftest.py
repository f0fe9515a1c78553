"""Fixtures of the hook tests; helpers are in hook_users, which tests may import."""

from hook_users import environment, hooks, pre_commit, pytest_collection_modifyitems, user

__all__ = ["environment", "hooks", "pre_commit", "pytest_collection_modifyitems", "user"]
