"""Many runs with one question: comparisons, sweeps, calibration and the essay's claims."""
