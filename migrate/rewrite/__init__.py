"""The mechanical part of a port: from answers to edits, from edits to bytes, from bytes to files or a patch.

`source` turns one file's uses into fixes and bytes, `tree` does so for all files of a scan, `write` and `diff` bring
the result to disk or to a patch. Everything that is not edited stays to the byte.
"""
