"""Rules about buckets, keys, tables, topics and queues."""
