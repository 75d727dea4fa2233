"""GET and POST /register : a meter at a service point, one form.

Template `register.html`:

- `values`: what was typed, by field name (all strings, "" at first): `service_point`, `name`,
  `address`, `time_zone`, `contracted_power_w`, `host`, `port`, `serial` (empty: asked from the
  meter), `reader_password`, `management_password` (both never given back), `multiplier`,
  `start_import_wh`, `start_export_wh` (empty: read from the meter), `installed_from` (empty: now;
  ISO 8601)
- `errors`: English text by field name, `""` for the whole form; empty dict at first

The form posts these fields and `csrf` to /register (303 to the service point's page). If the
service point has a meter, registering another is a meter exchange: the old installation ends where
the new one begins.
"""
