"""The essay's claims, each put to the test: scenarios, expectations stated before anything is run, and a verdict.

A claim is a file of `scenarios/claims`: its words, the arms that are run, and what must come out (`definitions`,
`expectations`). `trial` runs every arm with every seed, and again with every draw of the parameters that nobody
knows; `verdicts` holds the rule by which a claim is supported or not, `uncertainty` says on which parameters a number
depends. `report` writes the table and the page, with the drawings of `figures`.
"""
