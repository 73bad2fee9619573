"""The command ./eshik bench: workloads beside their raw floors, on real servers, in the same run."""
