resource "random_password" "redis" {
  length  = 48
  special = false
}

resource "aws_elasticache_subnet_group" "main" {
  name       = var.name
  subnet_ids = module.vpc.database_subnets
}

resource "aws_elasticache_parameter_group" "main" {
  name   = "${var.name}-valkey8"
  family = "valkey8"

  parameter {
    name  = "cluster-enabled"
    value = "yes"
  }
  # Keys expire, and everything can be rebuilt from PostgreSQL: the oldest may be evicted.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id = var.name
  description          = "Leaderboards, snapshots and presence of runs"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = local.chosen.redis
  parameter_group_name = aws_elasticache_parameter_group.main.name

  num_node_groups            = local.chosen.redis_shards
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name  = aws_elasticache_subnet_group.main.name
  security_group_ids = [aws_security_group.servers.id]

  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.data.arn
  auth_token                 = random_password.redis.result

  snapshot_retention_limit   = 0 # a projection: nothing here needs a backup
  auto_minor_version_upgrade = true
}
