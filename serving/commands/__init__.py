"""The commands, by subject; nothing heavy is imported before a command runs."""
