"""GET and POST /login, POST /logout : the session begins and ends.

Template `login.html`:

- `next`: path to go to afterwards (a path of this site, never an address elsewhere)
- `error`: English text or None (translate by `_(error)`), `retry_after_s`: int, 0 when not limited

The form posts `name`, `password`, `next` to /login (303 to `next`). /logout is a form of its own
with `csrf` (303 to /login).
"""
