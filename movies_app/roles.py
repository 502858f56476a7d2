"""The roles that a film's crew is known by, each by the jobs that TMDB tells. Pure.

Directors and the cast are told apart by TMDB itself.
"""

JOBS = {
    "writer": ("Writer", "Screenplay", "Story", "Novel"),
    "cinematographer": ("Director of Photography",),
    "composer": ("Original Music Composer",),
    "editor": ("Editor",),
}
