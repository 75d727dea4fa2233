"""GET / : the service points, one row each.

Template `index.html`:

- `service_points`: list, in order of id, of
  `{"id", "name", "address", "meter_serial": str | None, "contact": {"state": "ok" | "stale" |
  "none", "since": iso}, "p_total": W signed, import +, float | None, "import_wh": int | None,
  "export_wh": int | None (both stitched over all installations, multiplier applied),
  "relay_state": 0 | 1 | 2 | None, "last_row_at": iso | None (newest load profile row)}`.
  The same list as JSON: GET /api/v1/service-points.
- `find`: the search text of `?find=`, `total`: how many match, `page_number`, `pages`: 50 a page
  (`?page=2`)
"""
