module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  name               = var.name
  kubernetes_version = "1.33"

  vpc_id     = module.vpc.vpc_id
  subnet_ids = module.vpc.private_subnets

  endpoint_public_access       = true
  endpoint_public_access_cidrs = var.admin_cidrs
  endpoint_private_access      = true

  enabled_log_types = ["api", "audit", "authenticator"]
  # The creator of the cluster can use it; others need access entries.
  enable_cluster_creator_admin_permissions = true

  addons = {
    coredns                = {}
    kube-proxy             = {}
    vpc-cni                = { before_compute = true }
    eks-pod-identity-agent = { before_compute = true }
  }

  eks_managed_node_groups = {
    main = {
      ami_type       = "AL2023_ARM_64_STANDARD"
      instance_types = [local.chosen.node_type]
      min_size       = local.chosen.nodes.min
      max_size       = local.chosen.nodes.max
      desired_size   = local.chosen.nodes.min
      # Pods must not reach their node's credentials.
      metadata_options = {
        http_tokens                 = "required"
        http_put_response_hop_limit = 1
      }
    }
  }
}

# Pods' AWS permissions: Kafka, nothing else.
data "aws_iam_policy_document" "pods" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "quizrun" {
  name               = "${var.name}-pods"
  assume_role_policy = data.aws_iam_policy_document.pods.json
}

data "aws_iam_policy_document" "kafka" {
  statement {
    actions = [
      "kafka-cluster:Connect",
      "kafka-cluster:DescribeCluster",
      "kafka-cluster:DescribeClusterDynamicConfiguration",
      "kafka-cluster:WriteDataIdempotently",
    ]
    resources = [aws_msk_cluster.main.arn]
  }
  statement {
    actions = [
      "kafka-cluster:CreateTopic",
      "kafka-cluster:DescribeTopic",
      "kafka-cluster:ReadData",
      "kafka-cluster:WriteData",
    ]
    resources = [replace("${aws_msk_cluster.main.arn}/quizrun.*", ":cluster/", ":topic/")]
  }
}

resource "aws_iam_role_policy" "kafka" {
  name   = "kafka"
  role   = aws_iam_role.quizrun.id
  policy = data.aws_iam_policy_document.kafka.json
}

resource "aws_eks_pod_identity_association" "quizrun" {
  cluster_name    = module.eks.cluster_name
  namespace       = "quizrun"
  service_account = "quizrun"
  role_arn        = aws_iam_role.quizrun.arn
}
