"""A TMDB of our own: a real HTTP server over a small world, honest about TMDB's bad days.

`world` is what there is, `answers` how TMDB says it, `faults` what may go wrong, `server` the server.
Tests and benchmarks use `server.FakeTmdb`; `python -m tests.fake_tmdb` runs it as a program.
"""
