"""What the platform believes of viewers and items, and how it ranks them: tags, indices, scores and feeds."""
