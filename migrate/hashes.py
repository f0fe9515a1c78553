"""BLAKE2b as hashlib has it, without the 3 ms that hashlib takes to load OpenSSL for its other functions."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that keeps it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]
