"""The life of a case besides its decision: what is asked for, written, held, sent, corrected and annulled."""
