variable "name" {
  description = "A prefix for the names of all resources."
  type        = string
  default     = "quizrun"
}

variable "region" {
  description = "The region of everything except CloudFront."
  type        = string
}

variable "host" {
  description = "The host name that players open, such as quiz.example.org."
  type        = string
}

variable "certificate_arn" {
  description = "An ACM certificate for `host` in us-east-1, for CloudFront."
  type        = string
}

variable "origin_host" {
  description = "The host name of the load balancer that the chart's ingress creates; it needs a certificate of its own. CloudFront connects to it."
  type        = string
}

variable "admin_cidrs" {
  description = "Networks that may reach the Kubernetes API."
  type        = list(string)
}

variable "size" {
  description = "small: some hundred simultaneous players; medium: ten thousand; large: a hundred thousand. See README.md."
  type        = string
  default     = "small"
  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "Choose small, medium or large."
  }
}

variable "alarm_topic_arn" {
  description = "An SNS topic for alarms of AWS services; null for none."
  type        = string
  default     = null
}
