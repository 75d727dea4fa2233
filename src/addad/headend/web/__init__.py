"""The head end's pages and JSON API: all HTML there is."""
