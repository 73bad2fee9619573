"""HTTP for all services: who asks, problems, idempotency, health. Business rules live elsewhere."""
