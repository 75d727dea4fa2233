"""A page a file; each says in its docstring which variables its template is given.

Every template (through base.html) also has:

- `_`, `gettext`, `ngettext`: translations (Jinja2 i18n, newstyle: `_("%(n)s of %(m)s", n=1, m=2)`)
- `lang`: BCP 47 tag of the page (`en`, `ar`, `qps-ploc`), `dir`: `ltr` or `rtl`
- `languages`: tuple of the tags there is a catalogue for
- `page`: name of the template without `.html` (`index`, `service_point`, ...)
- `visitor`: `{"name": str, "signed_in": bool, "may_relay": bool, "may_admin": bool}`;
  `name` is empty when nobody is signed in
- `csrf`: token of the session, empty without one. A form posts it as the field `csrf`,
  a script sends it as the header `X-CSRF-Token`
- `open_view`: True when the pages are shown without a session (`--open`)
- `version`: of the package; `now`: ISO 8601 UTC time of rendering
- `asset(path)`: address of a file of `static/` with a version in its query (cacheable for ever):
  `asset("style.css")` -> `/static/style.css?v=1a2b3c4d`

Undefined variables are errors (StrictUndefined). Templates are autoescaped. The policy for content
is `default-src 'self'`: no inline script, style or handler, no `style=` attribute, no data: URL
(images aside). `<script type="application/json">` blocks are data and are allowed.
All times handed over are ISO 8601 in UTC with `Z` (`2026-11-22T14:15:00Z`) unless said otherwise.
"""
