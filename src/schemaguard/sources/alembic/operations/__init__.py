"""Operations to SQL: SQLAlchemy's own objects, rendered by Alembic itself; both are loaded where one is needed."""
