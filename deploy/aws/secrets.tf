data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "data" {
  description         = "Everything that ${var.name} stores"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

# Signs player and access tokens. A new value invalidates them: players in a run have to join again and
# hosts renew theirs.
resource "random_password" "secret" {
  length  = 64
  special = false
}

# One secret with the keys that the chart mounts as files (values-aws.yaml). The External Secrets
# Operator copies it to the cluster.
resource "aws_secretsmanager_secret" "quizrun" {
  name                    = var.name
  kms_key_id              = aws_kms_key.data.arn
  recovery_window_in_days = 30
}

resource "aws_secretsmanager_secret_version" "quizrun" {
  secret_id = aws_secretsmanager_secret.quizrun.id
  secret_string = jsonencode({
    "secret"         = random_password.secret.result
    "redis-password" = random_password.redis.result
  })
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = concat(
      [aws_secretsmanager_secret.quizrun.arn],
      [for database in aws_db_instance.main : database.master_user_secret[0].secret_arn],
    )
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.data.arn]
  }
}

resource "aws_iam_role" "external_secrets" {
  name               = "${var.name}-external-secrets"
  assume_role_policy = data.aws_iam_policy_document.pods.json
}

resource "aws_iam_role_policy" "external_secrets" {
  name   = "secrets"
  role   = aws_iam_role.external_secrets.id
  policy = data.aws_iam_policy_document.secrets.json
}

resource "aws_eks_pod_identity_association" "external_secrets" {
  cluster_name    = module.eks.cluster_name
  namespace       = "external-secrets"
  service_account = "external-secrets"
  role_arn        = aws_iam_role.external_secrets.arn
}
