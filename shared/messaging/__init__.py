"""RabbitMQ: the only package that talks to aio-pika."""
