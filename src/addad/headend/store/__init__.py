"""All the SQL there is: what the head end keeps, on SQLAlchemy Core."""

from addad.headend.store.database import Store

__all__ = ["Store"]
