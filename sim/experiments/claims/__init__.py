"""The essay's claims, each put to the test: scenarios, expectations stated before anything is run, and a verdict.

A claim is a file of `scenarios/claims`: its words, the arms that are run, and what must come out (`files`). `worlds`,
`waves`, `tags` and `rooms` hold the measures, each one number of one run. `ranges` draws the parameters that nobody
knows; `trial` runs every arm with every seed and draw; `verdicts` holds the rule by which a claim stands or falls;
`telling` says it in a table and on a page.
"""
