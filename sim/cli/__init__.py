"""What a person types: one file a command, named as the command."""
