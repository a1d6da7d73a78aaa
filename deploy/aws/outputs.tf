output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = module.eks.cluster_name
}

output "kafka_bootstrap" {
  description = "QUIZRUN_KAFKA_BOOTSTRAP (servers.kafka.bootstrap in values-aws.yaml)."
  value       = aws_msk_cluster.main.bootstrap_brokers_sasl_iam
}

output "redis_url" {
  description = "QUIZRUN_REDIS_URL; the password is in the secret."
  value       = "rediss+cluster://${aws_elasticache_replication_group.main.configuration_endpoint_address}:6379"
}

output "database_hosts" {
  description = "Host names of the two databases; their users and passwords are in their secrets."
  value       = { for name, database in aws_db_instance.main : name => database.address }
}

output "database_secrets" {
  description = "The RDS secrets with user and password, rotated by RDS."
  value       = { for name, database in aws_db_instance.main : name => database.master_user_secret[0].secret_arn }
}

output "assets_bucket" {
  description = "The bucket for `quizrun assets publish` and `aws s3 sync`."
  value       = aws_s3_bucket.assets.id
}

output "distribution_domain" {
  description = "The target of the CNAME (or alias) of `host`."
  value       = aws_cloudfront_distribution.main.domain_name
}

output "origin_key" {
  description = "The value of X-Origin-Key that the load balancer requires."
  value       = random_password.origin_key.result
  sensitive   = true
}
