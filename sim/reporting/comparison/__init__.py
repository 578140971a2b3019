"""A comparison told: what is read of each run (`outcomes`), what was found, its pictures, and its page."""
