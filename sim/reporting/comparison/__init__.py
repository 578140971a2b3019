"""A comparison as a page: what is read of each run, what was found, figures and words.

`outcomes` reads the runs, `findings` is what a comparison found. `curves`, `effect_figures`, `groups` and `lorenz`
draw it, with what `axes` shares, and `figures` saves the drawings. `headline` and `pairing` are its sentences; `page`
puts all of it together.
"""
