locals {
  url  = local.is_split ? alicloud_fcv3_trigger.http[0].http_trigger[0].url_internet : ""
  base = trimsuffix(local.url, "/")

  has_webhooks  = contains(["webhook", "both"], var.doors)
  has_chats     = contains(["chat", "both"], var.doors)
  webhook_paths = { webhook = "/v1/requests", cloudevents = "/v1/events" }
  chat_paths    = { for chat in ["slack", "dingtalk", "feishu", "wecom", "teams"] : chat => "/chat/${chat}" }
}

output "function_names" {
  description = "The functions, by role."
  value       = local.names
}

output "function_arns" {
  description = "Their ARNs, for example for a Cloud Config remediation."
  value       = local.arns
}

output "role_arns" {
  description = "The roles they act as: what a role in another account has to trust."
  value       = { for function, role in alicloud_ram_role.this : function => role.arn }
}

output "webhook_urls" {
  description = "Where senders post, if doors is webhook or both."
  value       = { for door, path in local.webhook_paths : door => "${local.base}${path}" if local.has_webhooks }
}

output "chat_urls" {
  description = "What to paste into each chat, if doors is chat or both."
  value       = { for chat, path in local.chat_paths : chat => "${local.base}${path}" if local.has_chats }
}

output "failure_queue" {
  description = "The queue that holds what could not be handled."
  value       = local.failure_queue
}

output "log_project" {
  description = "The log project that holds the audit stream."
  value       = local.log_project
}
