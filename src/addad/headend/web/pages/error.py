"""Errors as a clear page: what happened, and what to do.

Template `error.html` (must render without a session and without any other variable than base's):

- `status`: int, `title`, `detail`, `cure`: English texts (translate by `_(...)`); `cure` may be ""
"""
