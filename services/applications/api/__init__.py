"""The HTTP doors of applications: public, citizen, officer, internal."""
