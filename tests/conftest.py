"""What all tests share: property tests that draw the same examples every time."""

from hypothesis import settings

settings.register_profile("wavepool", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("wavepool")
