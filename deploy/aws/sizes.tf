# Three sizes; README.md says what each supports and costs.
locals {
  sizes = {
    small = {
      node_type    = "m7g.large"
      nodes        = { min = 2, max = 4 }
      database     = "db.t4g.medium"
      temporal_db  = "db.t4g.medium"
      storage_gb   = 50
      kafka        = "kafka.t3.small"
      kafka_gb     = 20
      redis        = "cache.t4g.small"
      redis_shards = 1
    }
    medium = {
      node_type    = "c7g.xlarge"
      nodes        = { min = 3, max = 12 }
      database     = "db.m7g.large"
      temporal_db  = "db.m7g.large"
      storage_gb   = 200
      kafka        = "kafka.m7g.large"
      kafka_gb     = 100
      redis        = "cache.m7g.large"
      redis_shards = 1
    }
    large = {
      node_type    = "c7g.2xlarge"
      nodes        = { min = 6, max = 60 }
      database     = "db.r7g.4xlarge"
      temporal_db  = "db.r7g.4xlarge"
      storage_gb   = 1000
      kafka        = "kafka.m7g.xlarge"
      kafka_gb     = 500
      redis        = "cache.r7g.large"
      redis_shards = 3
    }
  }
  chosen = local.sizes[var.size]
}
