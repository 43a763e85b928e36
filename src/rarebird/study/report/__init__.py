"""The report of a study: one HTML file that works offline, on a phone and on paper."""
