"""GET /audit : who did what, when, why and with which outcome; needs a session with `admin`.

Template `audit.html`:

- `rows`: newest first, at most 100: `{"id": int, "at": iso, "who", "action" (`relay.disconnect`,
  `login`, ...), "subject" (service point, account, key), "reason", "outcome", "detail",
  "hash": first 12 hex digits}`
- `chain`: `{"intact": bool, "rows": int, "broken_at": int | None, "head": hex}`: the SHA-256 chain,
  checked from the first row to the last
- `next_before`: id for the next older page (`?before=`), or None
"""
