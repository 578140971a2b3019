"""What is true: viewers, creators and live rooms. What the platform sees of them lives in `sim`."""
