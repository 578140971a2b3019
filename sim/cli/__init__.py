"""What a person types: one file for each family of commands."""
