"""What people read: figures and pages of finished runs, reasons for waves, and forecasts of runs to come."""
