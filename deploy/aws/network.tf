data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, 3)
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"

  name = var.name
  cidr = "10.0.0.0/16"
  azs  = local.zones

  private_subnets  = [for index in range(3) : cidrsubnet("10.0.0.0/16", 4, index)]
  public_subnets   = [for index in range(3) : cidrsubnet("10.0.0.0/16", 8, 240 + index)]
  database_subnets = [for index in range(3) : cidrsubnet("10.0.0.0/16", 8, 250 + index)]

  enable_nat_gateway     = true
  single_nat_gateway     = var.size == "small"
  one_nat_gateway_per_az = var.size != "small"

  enable_flow_log                                 = true
  create_flow_log_cloudwatch_iam_role             = true
  create_flow_log_cloudwatch_log_group            = true
  flow_log_cloudwatch_log_group_retention_in_days = 30

  # For Kubernetes' load balancers.
  public_subnet_tags  = { "kubernetes.io/role/elb" = "1" }
  private_subnet_tags = { "kubernetes.io/role/internal-elb" = "1" }
}

# One group for all servers: only the cluster's nodes may reach them, on their ports.
resource "aws_security_group" "servers" {
  name        = "${var.name}-servers"
  description = "PostgreSQL, Redis and Kafka, for the cluster nodes"
  vpc_id      = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "servers" {
  for_each = {
    postgres = 5432
    redis    = 6379
    kafka    = 9098 # SASL with IAM, over TLS
  }
  security_group_id            = aws_security_group.servers.id
  referenced_security_group_id = module.eks.node_security_group_id
  description                  = "${each.key} from the nodes"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}
