"""wavepool: how a short-video platform hands out traffic.

The rooms, from the ground up. `clock` is the one time, `jit` the one place that compiles, `reading` turns YAML into
validated data. `chance` holds every keyed draw and `scenario` every parameter. `catalog` is what is public about
videos, rooms and products; `ledger` counts and audits; `tags` is what the platform believes of a viewer; `scoring`
its formulas. `waves` hands out budgets and reviews them; `feed` decides who sees what next. `beat` is the viewers'
loop between two refreshes, the only place that knows both what is true (`agents`) and what the platform sees (`sim`).
`world` tells the story; `results`, `measures`, `plots` and `report` read what it left; `experiment` compares; `cli`
is the door.
"""
