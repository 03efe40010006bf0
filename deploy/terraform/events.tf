# What starts the function, and where what it could not do and what it did are kept.

# Events of Alibaba Cloud services arrive on the bus `default`, which every account has in each region.
resource "alicloud_event_bridge_rule" "created" {
  event_bus_name = "default"
  rule_name      = var.name
  description    = "Calls that create an RDS instance, for rds-seal."
  status         = "ENABLE"

  filter_pattern = jsonencode({
    # The source, and the types' beginning `rds:`, follow the pattern of other products [inferred]: hence suffixes.
    source = ["acs.rds"]
    type = [
      { suffix = ":ActionTrail:ApiCall" },
      { suffix = ":ActionTrail:ConsoleOperation" },
      { suffix = ":ActionTrail:AliyunServiceEvent" },
    ]
    data = { eventName = ["CreateDBInstance", "CloneDBInstance", "CreateDdrInstance", "RecreateDBInstance"] }
  })

  targets {
    target_id = "function"
    type      = "acs.fc.function"
    # Documented for FC 2 with a service in it; FC 3.0 has no services [inferred].
    endpoint = local.arns["events"]

    param_list {
      resource_key = "functionName"
      form         = "CONSTANT"
      value        = alicloud_fcv3_function.this["events"].function_name
    }
    param_list {
      resource_key = "Qualifier"
      form         = "CONSTANT"
      value        = "LATEST"
    }
    param_list {
      resource_key = "Body"
      form         = "ORIGINAL"
    }

    # 176 attempts in one day; the default gives up after three, within a minute.
    push_retry_strategy = "EXPONENTIAL_DECAY_RETRY"

    dead_letter_queue {
      arn = local.failures
    }
  }

  depends_on = [alicloud_message_service_queue.failures]
}

# Events may stay away for weeks. This one comes each minute and is ignored, so that an alarm can tell silence from death.
resource "alicloud_fcv3_trigger" "heartbeat" {
  function_name  = alicloud_fcv3_function.this["events"].function_name
  trigger_name   = "heartbeat"
  trigger_type   = "timer"
  qualifier      = "LATEST"
  trigger_config = jsonencode({ cronExpression = "@every 1m", enable = true, payload = "" })
}

locals {
  failure_queue = var.failure_queue != "" ? var.failure_queue : "${var.name}-failures"
  failures      = "acs:mns:${local.region}:${local.account}:/queues/${local.failure_queue}"
  log_project   = var.log_project != "" ? var.log_project : "${var.name}-${local.account}-${local.region}"
}

resource "alicloud_message_service_queue" "failures" {
  count = var.failure_queue == "" ? 1 : 0

  queue_name = local.failure_queue
  # Seven days, the longest there is.
  message_retention_period = 604800
}

resource "alicloud_log_project" "audit" {
  count = var.log_project == "" ? 1 : 0

  project_name = local.log_project
  description  = "The audit stream of rds-seal: every attempt is recorded before it is made."
}

resource "alicloud_log_store" "audit" {
  count = var.log_project == "" ? 1 : 0

  project_name     = alicloud_log_project.audit[0].project_name
  logstore_name    = var.logstore
  retention_period = var.log_days
  shard_count      = 1
}

# Without an index lines are kept, but cannot be searched.
resource "alicloud_log_store_index" "audit" {
  count = var.log_project == "" ? 1 : 0

  project  = alicloud_log_project.audit[0].project_name
  logstore = alicloud_log_store.audit[0].logstore_name

  full_text {
    case_sensitive = false
    token          = ", '\";=()[]{}?@&<>/:\n\t\r"
  }
}
