"""A Mesa agent whose number the world chooses."""

import mesa


class NumberedAgent(mesa.Agent):
    """One agent of a Mesa model.

    Mesa's own constructor is left out: some versions count the agents of every model in a table of the class, and so
    keep every model for as long as the process lives.
    """

    def __init__(self, model: mesa.Model, number: int) -> None:
        self.model, self.unique_id, self.pos = model, number, None
        model.register_agent(self)
