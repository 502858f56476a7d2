"""The roles that people have in films, and whatever else films are ranked by. Pure."""

# TMDB's jobs of the crew; directors and the cast it tells apart itself.
JOBS = {
    "writer": ("Writer", "Screenplay", "Story", "Novel"),
    "cinematographer": ("Director of Photography",),
    "composer": ("Original Music Composer",),
    "editor": ("Editor",),
}
# One of each kind; so are the filters of the films page called, and the names of things in rows.
ONE_OF = {
    "directors": "director",
    "actors": "actor",
    "writers": "writer",
    "cinematographers": "cinematographer",
    "composers": "composer",
    "editors": "editor",
    "genres": "genre",
    "countries": "country",
    "languages": "language",
    "studios": "studio",
    "keywords": "keyword",
    "tags": "tag",
}
