# rds-seal on Function Compute 3.0: `events`, which the platform reaches, and, where a door is open, `door`, which strangers
# reach and which may change nothing, and `worker`, which the door alone reaches.
#
# Nothing here has met the real cloud: deploy/README.md says what was checked, and how. Start with mode = "plan".

data "alicloud_caller_identity" "current" {}

data "alicloud_regions" "current" {
  current = true
}

locals {
  account = data.alicloud_caller_identity.current.account_id
  region  = data.alicloud_regions.current.regions[0].id

  is_split  = var.doors != "none"
  functions = local.is_split ? ["events", "door", "worker"] : ["events"]
  # Those whose work waits in a queue. The door is called synchronously, and answers.
  queued = [for function in local.functions : function if function != "door"]

  names = { for function in local.functions : function => function == "events" ? var.name : "${var.name}-${function}" }
  arns  = { for function, name in local.names : function => "acs:fc:${local.region}:${local.account}:functions/${name}" }

  # SEAL_ROLE: one function alone is everything.
  seal_roles = { for function in local.functions : function => local.is_split ? function : "all" }

  # What each holds: the door neither the secret of the deployment nor those of sinks.
  held = {
    events = merge(var.environment, { SEAL_SECRET = var.secret })
    door   = merge(var.door_environment, { SEAL_DOOR_SECRET = var.door_secret, SEAL_WORKER = "${var.name}-worker" })
    worker = merge(var.environment, var.door_environment, { SEAL_SECRET = var.secret, SEAL_DOOR_SECRET = var.door_secret })
  }
}

resource "alicloud_fcv3_function" "this" {
  for_each = toset(local.functions)

  function_name = local.names[each.key]
  description   = "Turns on backup encryption for ApsaraDB RDS instances."
  role          = alicloud_ram_role.this[each.key].arn
  runtime       = var.runtime
  # Required by the provider, without meaning for a custom runtime, which starts /code/bootstrap.
  handler = "bootstrap"

  code {
    oss_bucket_name = var.code_bucket
    oss_object_name = var.code_object
  }

  custom_runtime_config {
    port = 9000
  }

  # The smallest there is, and the most CPU that it allows: start-up and TLS handshakes are the only work.
  memory_size = 128
  cpu         = 0.1
  disk_size   = 512
  # Above the function's own limit of 55 s, so that it ends each delivery itself.
  timeout              = 60
  instance_concurrency = 10
  internet_access      = true

  instance_lifecycle_config {
    initializer {
      handler = "initialize"
      timeout = 10
    }
  }

  # Empty is unset. Whoever may read the function can read these values.
  environment_variables = merge(local.held[each.key], { SEAL_ROLE = local.seal_roles[each.key], SEAL_MODE = var.mode })

  log_config {
    project                = local.log_project
    logstore               = var.logstore
    enable_request_metrics = true
  }

  # Function Compute writes the log and the failures as the role, so the role must be able to, first.
  depends_on = [alicloud_ram_role_policy_attachment.this, alicloud_log_store.audit]

  lifecycle {
    precondition {
      condition     = nonsensitive(var.secret != "") || length(var.secrets) > 0
      error_message = "Give secret, or name in secrets what seal.toml reads it from."
    }
    precondition {
      condition     = !local.is_split || nonsensitive(var.door_secret != "") || length(var.door_secrets) > 0
      error_message = "An open door needs door_secret, or names in door_secrets what seal.toml reads it from."
    }
  }
}

# Whoever repeats a captured request in a loop costs no more than this many instances at once. It is reserved: the account's
# other functions have so many fewer.
resource "alicloud_fcv3_concurrency_config" "this" {
  for_each = alicloud_fcv3_function.this

  function_name        = each.value.function_name
  reserved_concurrency = 10
}

# A new instance needs minutes before it can be sealed, and until then the function answers "again".
resource "alicloud_fcv3_async_invoke_config" "this" {
  for_each = toset(local.queued)

  function_name                  = alicloud_fcv3_function.this[each.key].function_name
  max_async_retry_attempts       = 8
  max_async_event_age_in_seconds = 86400

  destination_config {
    on_failure {
      destination = "${local.failures}/messages"
    }
  }

  depends_on = [alicloud_message_service_queue.failures]
}

# Anonymous, because a chat cannot sign as Alibaba Cloud wants it: the door checks each chat's and sender's own proof. It must
# be called synchronously, or a 503 would count as done.
resource "alicloud_fcv3_trigger" "http" {
  count = local.is_split ? 1 : 0

  function_name  = alicloud_fcv3_function.this["door"].function_name
  trigger_name   = "http"
  trigger_type   = "http"
  qualifier      = "LATEST"
  trigger_config = jsonencode({ authType = "anonymous", methods = ["GET", "POST"] })
}
