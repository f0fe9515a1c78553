"""What is new in a project: findings, comments and baselines that keep them quiet, and what git says has changed."""
