"""The obvious design, to measure ours against: pandas rows, `bulk_save_objects`, FastAPI.

As a decent engineer builds it in an afternoon: right for the common export, not tuned, no tricks
against it. It lives in a PostgreSQL schema of its own. benchmarks/upload.py starts it;
`python -m benchmarks.sketch.app` creates the tables.
"""

import io
import os
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import pandas as pd
from fastapi import Depends, FastAPI, HTTPException, Query, UploadFile
from sqlalchemy import (
    JSON,
    Date,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Text,
    create_engine,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

LIFETIME = timedelta(days=30)
FILES = ("watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv")
FilmKey = tuple[str, int | None]

engine = create_engine(make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"))
SessionLocal = sessionmaker(bind=engine)
app = FastAPI(title="Letterboxd stats, the sketch")


# ── Tables ───────────────────────────────────────────────────────────────────────────────────
class Base(DeclarativeBase):
    metadata = MetaData(schema="sketch")


class UploadSession(Base):
    __tablename__ = "sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    created_at: Mapped[datetime]
    last_accessed: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str]
    total_movies: Mapped[int] = mapped_column(default=0)
    error_message: Mapped[str | None]


class Movie(Base):
    __tablename__ = "movies"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sketch.sessions.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    # Without `evaluates_none`, `bulk_save_objects` leaves each None out of its INSERT and so sends one
    # statement per pattern of blanks, hundreds per upload. The rival is spared that trap.
    year: Mapped[int | None] = mapped_column(Integer().evaluates_none())
    rating: Mapped[float | None] = mapped_column(Float().evaluates_none())
    watched_date: Mapped[date | None] = mapped_column(Date().evaluates_none())
    letterboxd_uri: Mapped[str | None] = mapped_column(Text().evaluates_none())
    rewatch: Mapped[bool] = mapped_column(default=False)
    liked: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    review: Mapped[str | None] = mapped_column(Text().evaluates_none())
    tmdb_enriched: Mapped[bool] = mapped_column(default=False)
    tmdb_id: Mapped[int | None]
    imdb_id: Mapped[str | None]
    original_title: Mapped[str | None]
    overview: Mapped[str | None] = mapped_column(Text)
    release_date: Mapped[date | None]
    runtime: Mapped[int | None]
    genres: Mapped[list[str] | None] = mapped_column(JSON)
    directors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    cast: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    countries: Mapped[list[str] | None] = mapped_column(JSON)
    poster_path: Mapped[str | None]
    vote_average: Mapped[float | None]
    budget: Mapped[int | None]
    revenue: Mapped[int | None]


def create_tables() -> None:
    """Create the schema and the tables, where they are missing."""
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS sketch"))
        Base.metadata.create_all(connection)


def open_database() -> Iterator[Session]:
    """Yield the database session of one request."""
    with SessionLocal() as database:
        yield database


Database = Annotated[Session, Depends(open_database)]


# ── Reading and merging ──────────────────────────────────────────────────────────────────────
def read_frames(upload: bytes) -> dict[str, pd.DataFrame]:
    """Return one frame per file of the export that is there."""
    with zipfile.ZipFile(io.BytesIO(upload)) as archive:
        names = set(archive.namelist())
        return {name: pd.read_csv(io.BytesIO(archive.read(name))) for name in FILES if name in names}


def as_text(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


def as_year(value: object) -> int | None:
    return None if pd.isna(value) else int(value)


def as_rating(value: object) -> float | None:
    return None if pd.isna(value) else float(value)


def as_date(value: object) -> date | None:
    return None if pd.isna(value) else date.fromisoformat(str(value))


def as_tags(value: object) -> list[str]:
    return [] if pd.isna(value) else [tag.strip() for tag in str(value).split(",")]


def new_movie(key: FilmKey, uri: str | None) -> dict[str, Any]:
    title, year = key
    return {
        "title": title,
        "year": year,
        "letterboxd_uri": uri,
        "rating": None,
        "watched_date": None,
        "rewatch": False,
        "liked": False,
        "tags": [],
        "review": None,
    }


def merge(frames: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Merge the files by (Name, Year); the diary goes over ratings, ratings over watched."""
    movies: dict[FilmKey, dict[str, Any]] = {}
    for name, frame in frames.items():
        for _, row in frame.iterrows():
            key = (str(row["Name"]), as_year(row["Year"]))
            if key not in movies:
                movies[key] = new_movie(key, as_text(row["Letterboxd URI"]))
            movie = movies[key]
            if name == "watched.csv":
                movie["watched_date"] = as_date(row["Date"])
            elif name == "likes/films.csv":
                movie["liked"] = True
            else:
                movie["rating"] = as_rating(row["Rating"]) or movie["rating"]
            if name in ("diary.csv", "reviews.csv"):
                movie["watched_date"] = as_date(row["Watched Date"]) or movie["watched_date"]
                movie["rewatch"] = movie["rewatch"] or row["Rewatch"] == "Yes"
                movie["tags"] = as_tags(row["Tags"]) or movie["tags"]
            if name == "reviews.csv":
                movie["review"] = as_text(row["Review"])
    return list(movies.values())


# ── Endpoints ────────────────────────────────────────────────────────────────────────────────
@app.post("/upload", status_code=201)
def upload(file: UploadFile, database: Database) -> dict[str, Any]:
    now = datetime.now(UTC).replace(tzinfo=None)
    try:
        frames = read_frames(file.file.read())
    except (zipfile.BadZipFile, pd.errors.ParserError) as error:
        raise HTTPException(400, "This is not a Letterboxd export") from error
    if not frames:
        raise HTTPException(400, "No Letterboxd CSV found in the ZIP")
    upload_session = UploadSession(created_at=now, last_accessed=now, expires_at=now + LIFETIME, status="processing")
    database.add(upload_session)
    database.commit()
    movies = merge(frames)
    database.bulk_save_objects([Movie(session_id=upload_session.id, **movie) for movie in movies])
    upload_session.total_movies = len(movies)
    upload_session.status = "completed"
    database.commit()
    return {"session_id": str(upload_session.id), "total_movies": upload_session.total_movies}


def find_session(database: Session, session_id: uuid.UUID) -> UploadSession:
    """Return the live session and note the access, or answer 404."""
    now = datetime.now(UTC).replace(tzinfo=None)
    upload_session = database.get(UploadSession, session_id)
    if upload_session is None or upload_session.expires_at < now:
        raise HTTPException(404, "Session not found")
    upload_session.last_accessed = now
    upload_session.expires_at = now + LIFETIME
    database.commit()
    return upload_session


@app.get("/session/{session_id}/status")
def status(session_id: uuid.UUID, database: Database) -> dict[str, Any]:
    upload_session = find_session(database, session_id)
    enriched = database.scalar(
        select(func.count()).select_from(Movie).where(Movie.session_id == session_id, Movie.tmdb_enriched)
    )
    return {
        "session_id": str(upload_session.id),
        "status": upload_session.status,
        "total_movies": upload_session.total_movies,
        "enriched_count": enriched,
        "error_message": upload_session.error_message,
        "created_at": upload_session.created_at,
        "expires_at": upload_session.expires_at,
    }


@app.get("/session/{session_id}/movies")
def movies(
    session_id: uuid.UUID,
    database: Database,
    page: Annotated[int, Query(ge=1)] = 1,
    per_page: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    upload_session = find_session(database, session_id)
    rows = database.scalars(
        select(Movie)
        .where(Movie.session_id == session_id)
        .order_by(Movie.id)
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    columns = Movie.__table__.columns.keys()
    return {
        "count": upload_session.total_movies,
        "page": page,
        "per_page": per_page,
        "results": [{column: getattr(row, column) for column in columns} for row in rows],
    }


if __name__ == "__main__":
    create_tables()
