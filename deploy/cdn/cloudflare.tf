# Cloudflare in front of the load balancer: what is cached, and what is passed on unchanged.
#
# The origin sets how long each response may be cached. These rules make Cloudflare follow it where its
# defaults would not (pictures have no file extension), and pass everything else on unchanged.
# Nothing needs purging: file names contain a hash of the content (`quizrun assets publish` keeps those
# of earlier releases), and pictures are addressed by their hash.

terraform {
  required_version = ">= 1.8"
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}

variable "zone_id" {
  description = "The zone that the quiz's host name belongs to."
  type        = string
}

variable "host" {
  description = "The host name that players open, such as quiz.example.org."
  type        = string
}

locals {
  ours   = "(http.host eq \"${var.host}\")"
  assets = "starts_with(http.request.uri.path, \"/assets/\")"
  media  = "starts_with(http.request.uri.path, \"/media/\")"
}

resource "cloudflare_ruleset" "cache" {
  zone_id     = var.zone_id
  name        = "Quizrun: cache"
  description = "Cache only hashed files and pictures, as the origin says."
  kind        = "zone"
  phase       = "http_request_cache_settings"

  rules = [
    {
      description = "Everything else goes to the origin: pages, the API and sockets."
      expression  = "${local.ours} and not ${local.assets} and not ${local.media}"
      action      = "set_cache_settings"
      action_parameters = {
        cache = false
      }
    },
    {
      description = "Files and pictures: for as long as the origin says; never errors."
      expression  = "${local.ours} and (${local.assets} or ${local.media})"
      action      = "set_cache_settings"
      action_parameters = {
        cache = true
        edge_ttl = {
          mode = "respect_origin"
          status_code_ttl = [
            {
              status_code_range = { from = 400, to = 599 }
              value             = -1
            },
          ]
        }
        browser_ttl = { mode = "respect_origin" }
        # Query strings select nothing; without this anyone could fill the cache with copies.
        cache_key = {
          ignore_query_strings_order = true
          custom_key                 = { query_string = { exclude = { all = true } } }
        }
        serve_stale = { disable_stale_while_updating = false }
      }
    },
  ]
}

resource "cloudflare_ruleset" "configuration" {
  zone_id     = var.zone_id
  name        = "Quizrun: leave pages alone"
  description = "The content security policy allows only the built scripts: inject nothing."
  kind        = "zone"
  phase       = "http_config_settings"

  rules = [
    {
      description = "No injected scripts, no rewritten pages."
      expression  = local.ours
      action      = "set_config"
      action_parameters = {
        rocket_loader            = false
        email_obfuscation        = false
        disable_zaraz            = true
        disable_rum              = true
        automatic_https_rewrites = false
        bic                      = false
      }
    },
  ]
}

resource "cloudflare_zone_setting" "websockets" {
  zone_id    = var.zone_id
  setting_id = "websockets"
  value      = "on"
}

resource "cloudflare_zone_setting" "http3" {
  zone_id    = var.zone_id
  setting_id = "http3"
  value      = "on"
}

resource "cloudflare_zone_setting" "min_tls_version" {
  zone_id    = var.zone_id
  setting_id = "min_tls_version"
  value      = "1.2"
}
