"""Operations to SQL: SQLAlchemy's own objects, rendered by Alembic itself. Both are loaded when an operation needs them."""
