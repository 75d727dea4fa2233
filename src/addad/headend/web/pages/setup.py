"""GET and POST /setup?token=... : the one-time link of the first start makes the first account.

Template `setup.html`:

- `token`: to be posted again as the hidden field `token`
- `error`: English text or None, `minimum_length`: int, of the password, `name`: as typed, or
  `admin`

The form posts `token`, `name`, `password`, `repeat` to /setup (303 to /). A used or wrong link
gives error.html.
"""
