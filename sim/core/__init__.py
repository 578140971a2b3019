"""What everything rests on: the clock, keyed random draws, the compiler, arrays, the catalogue and the event log."""
